/** The address of the page: a path for the application, a query for what is open in it. */

class Router {
  path = $state(window.location.pathname);
  query = $state.raw(new URLSearchParams(window.location.search));

  start(): void {
    window.addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => this.follow(event));
  }

  go(address: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.read();
  }

  /** The same page with other things open in it; null closes one. */
  open(values: Record<string, string | null>, options: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(values)) {
      if (value === null) query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    this.go(text ? `${this.path}?${text}` : this.path, options);
  }

  private read(): void {
    this.path = window.location.pathname.replace(/(.)\/+$/, '$1');
    this.query = new URLSearchParams(window.location.search);
  }

  /** Links within the application change the page without a load. */
  private follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
    if (link.origin !== window.location.origin || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();
