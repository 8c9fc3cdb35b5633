// Long names in sidebars break between words, as those of the page do (conf.py).
document.addEventListener("DOMContentLoaded", () => {
  for (const link of document.querySelectorAll(".bd-sidebar-secondary code span, .bd-sidebar-primary .nav a")) {
    if (link.children.length === 0) {
      link.innerHTML = link.innerHTML.replace(/\w[\w.]{11,}/g, name =>
        name.replace(/([a-z])(?=[A-Z])|([._])(?=\w)/g, "$&<wbr>")
      );
    }
  }
});
