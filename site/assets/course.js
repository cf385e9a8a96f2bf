// The theme puts each code block's copy button into a <nav> of its own: dozens of landmarks with no name for anyone who
// moves through a page by landmarks. They become plain boxes.
const regroup = () => {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "none");
};
new MutationObserver(regroup).observe(document.documentElement, { childList: true, subtree: true });
regroup();
