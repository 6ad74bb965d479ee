/** The service says when something changed; this is for what the page may have missed. */
const AGAIN_MS = 120_000;
/** What changes together is asked for once. */
const TOGETHER_MS = 150;

/** Look soon, again now and then, and when the page is seen again; what it returns ends that. */
export function keepLooking(look: (signal: AbortSignal) => Promise<void>): () => void {
  const abort = new AbortController();
  const seen = () => {
    if (!document.hidden) void look(abort.signal);
  };
  const soon = window.setTimeout(seen, TOGETHER_MS);
  const timer = window.setInterval(seen, AGAIN_MS);
  document.addEventListener('visibilitychange', seen);
  return () => {
    abort.abort();
    window.clearTimeout(soon);
    window.clearInterval(timer);
    document.removeEventListener('visibilitychange', seen);
  };
}
