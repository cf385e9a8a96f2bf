// Shows what a running build adds to its log, once a second, and stops when the build has ended.
const log = document.getElementById("log");
const state = document.getElementById("state");
let seen = log.textContent.length;

async function more() {
  const answer = await fetch(`${log.dataset.from}?from=${seen}`);
  if (!answer.ok) return;
  const { text, end, state: now } = await answer.json();
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  log.append(text);
  seen = end;
  state.textContent = now;
  if (atEnd) log.scrollTop = log.scrollHeight;
  if (now === "pending" || now === "in progress") setTimeout(more, 1000);
}
more();
