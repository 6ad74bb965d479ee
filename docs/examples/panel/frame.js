const frame = document.querySelector('iframe');
const service = new URL(frame.src).origin;
const told = document.getElementById('told');

function say(message) {
  // To the service's origin and no other: a session is a secret.
  frame.contentWindow.postMessage({ souffleur: 1, ...message }, service);
}

async function signIn() {
  const answer = await fetch('/session', { method: 'POST' });
  const { session } = await answer.json();
  say({ type: 'sign-in', session });
}

window.addEventListener('message', (event) => {
  if (event.origin !== service || event.source !== frame.contentWindow) return;
  const { souffleur, type, ...detail } = event.data;
  if (souffleur !== 1) return;
  const line = document.createElement('li');
  line.dataset.type = type;
  line.textContent = `${type} ${JSON.stringify(detail)}`;
  told.append(line);
  if (type === 'sign-in-needed') void signIn();
});
document
  .getElementById('focus')
  .addEventListener('click', () => say({ type: 'focus', column: 'message' }));
window.panelSay = say;
