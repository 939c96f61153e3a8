// Runs before the page is drawn, so that it never flashes in the other theme.
(() => {
  const key = "theme";
  const stored = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is switched off
    }
  };
  const apply = (choice) => {
    if (choice === "light" || choice === "dark")
      document.documentElement.dataset.theme = choice;
    else
      delete document.documentElement.dataset.theme;
  };
  apply(stored());
  document.addEventListener("DOMContentLoaded", () => {
    const select = document.getElementById("theme");
    select.value = stored() ?? "auto";
    select.addEventListener("change", () => {
      apply(select.value);
      try {
        localStorage.setItem(key, select.value);
      } catch {
        // It holds until the page is closed.
      }
    });
  });
})();
