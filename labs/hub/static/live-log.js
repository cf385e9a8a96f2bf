// Shows what a running build adds to its log, once a second, and stops when the build has ended.
// Positions in the log come from the server, which counts characters where JavaScript counts UTF-16 units.
const log = document.getElementById("log");
const state = document.getElementById("state");
const RUNNING = ["pending", "in progress"];
let seen = Number(log.dataset.seen);

function show({ text, end, state: now }) {
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  log.append(text);
  seen = end;
  if (state.dataset.state !== now) {
    state.dataset.state = now;
    state.textContent = now[0].toUpperCase() + now.slice(1);
  }
  for (const button of document.querySelectorAll("[data-while]")) {
    button.hidden = (button.dataset.while === "running") !== RUNNING.includes(now);
  }
  if (atEnd) log.scrollTop = log.scrollHeight;
}

async function more() {
  let wait = 1000;
  try {
    const answer = await fetch(`${log.dataset.from}?from=${seen}`);
    if (answer.status < 500 && !answer.ok) return;
    const part = await answer.json();
    if (part.end < seen) {
      // The hub was started again, and the build with it: its log begins once more.
      log.textContent = "";
      seen = 0;
      wait = 0;
    } else {
      show(part);
      if (!RUNNING.includes(part.state)) return;
    }
  } catch {
    wait = 5000; // the hub does not answer at the moment
  }
  setTimeout(more, wait);
}
if (RUNNING.includes(state.dataset.state)) {
  log.scrollTop = log.scrollHeight;
  more();
}
