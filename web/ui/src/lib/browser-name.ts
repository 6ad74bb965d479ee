/** "Firefox · Linux" out of what a browser calls itself. */
export function browserName(agent: string, unknown: string): string {
  const name = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1];
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent)?.[1];
  const known = { Edg: 'Edge', OPR: 'Opera' }[name ?? ''] ?? name;
  return [known, system].filter(Boolean).join(' · ') || agent || unknown;
}
