/** What of other people's packages is in what browsers get: for the bill of materials. */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

interface Locked {
  version: string;
  license?: string;
}

const INSTALLED = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** Writes `packages.json`: each package with a module in the bundle, as it is locked. */
export const shipped: Plugin = {
  name: 'souffleur-shipped',
  apply: 'build',
  generateBundle(_, bundle) {
    const lock = new URL('package-lock.json', import.meta.url);
    const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as {
      packages: Record<string, Locked>;
    };
    const names = new Set<string>();
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      for (const id of file.moduleIds) {
        const name = INSTALLED.exec(id.replaceAll('\\', '/'))?.[1];
        if (name) names.add(name);
      }
    }
    const list = [...names].sort().map((name) => {
      const locked = packages[`node_modules/${name}`];
      if (!locked) throw new Error(`${name} is in the bundle and not in package-lock.json`);
      return { name, version: locked.version, licence: locked.license ?? '' };
    });
    const source = `${JSON.stringify(list, null, 1)}\n`;
    this.emitFile({ type: 'asset', fileName: 'packages.json', source });
  },
};
