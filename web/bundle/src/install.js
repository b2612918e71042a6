// Installs the site for visits without a network, once the page is loaded, unless the visitor saves data. Private windows may refuse.
const install = () => navigator.serviceWorker.register("/WORKER").catch(() => {});
if (navigator.serviceWorker && !navigator.connection?.saveData) {
  if (document.readyState === "complete") install();
  else addEventListener("load", install);
}
