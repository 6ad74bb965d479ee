const panel = document.querySelector('souffleur-panel');
const told = document.getElementById('told');

function note(type, detail) {
  const line = document.createElement('li');
  line.dataset.type = type;
  line.textContent = `${type} ${JSON.stringify(detail)}`;
  told.append(line);
}

async function signIn() {
  const answer = await fetch('/session', { method: 'POST' });
  const { session } = await answer.json();
  await panel.signIn(session);
}

for (const type of ['signed-in', 'call-selected', 'message-approved', 'copied', 'refused']) {
  panel.addEventListener(`souffleur-${type}`, (event) => note(type, event.detail));
}
panel.addEventListener('souffleur-sign-in-needed', (event) => {
  note('sign-in-needed', event.detail);
  void signIn();
});
document.getElementById('focus').addEventListener('click', () => panel.focusOn('message'));

await customElements.whenDefined('souffleur-panel');
await signIn();
