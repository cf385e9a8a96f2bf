// Puts a copy button behind everything with data-copy: what it copies is the attribute's value, else the element's text.
// Without this script there is no button.
const said = document.createElement("p");
said.className = "hidden";
said.setAttribute("role", "status");
document.body.append(said);

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Browsers offer the clipboard to https:// and 127.0.0.1 alone; the hub may be called http://hub.lab.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("the browser does not copy");
}

for (const element of document.querySelectorAll("[data-copy]")) {
  const name = element.dataset.copyName || "this";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.title = `Copy ${name}`;
  button.setAttribute("aria-label", button.title);
  button.addEventListener("click", async () => {
    try {
      await copy(element.dataset.copy || element.textContent);
      button.classList.add("done");
      said.textContent = "Copied";
    } catch {
      said.textContent = "The browser does not let this page copy";
    }
    button.focus();
    setTimeout(() => { button.classList.remove("done"); said.textContent = ""; }, 2000);
  });
  const block = element.closest("pre");
  if (block) {
    // In the corner of the block, whose text may be long.
    const frame = document.createElement("div");
    frame.className = "copyable";
    block.before(frame);
    frame.append(block, button);
  } else {
    element.after(button);
  }
}
