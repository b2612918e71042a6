// Stores the chosen language and loads the page's code. Shows a message if that fails.
const glue = "GLUE";
const wasm = "WASM";
const here = location.pathname;
const html = document.documentElement;
const SLOW_MS = 20000;
const YEAR_S = 31536000;
// The services that a profile's page uses; without them it needs no code.
const SERVICES = ["mysfitsApiEndpoint", "streamingApiEndpoint", "questionsApiEndpoint", "cognitoUserPoolId"];

// In a cookie, because the site's host reads it to choose the language of "/".
const storeLanguage = code => {
  if (/^[a-z]{2}$/.test(code)) document.cookie = `lang=${code};path=/;max-age=${YEAR_S};samesite=lax`;
};
storeLanguage(new URLSearchParams(location.search).get("lang") ?? "");

const showError = isShown => {
  for (const message of document.querySelectorAll("[data-load-error]")) message.hidden = !isShown;
};
addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-reload]")) location.reload();
  storeLanguage(target.closest?.("[data-language]")?.dataset.language ?? "");
});
// Shares a profile: with the device's share sheet, else by copying its address, else by showing it.
addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-share]");
  if (!button) return;
  const url = location.origin + button.dataset.share;
  const note = document.querySelector("[data-share-note]");
  try {
    if (navigator.share) return await navigator.share({ title: document.title, url });
    await navigator.clipboard.writeText(url);
    note.textContent = note.dataset.copied;
  } catch (error) {
    note.textContent = error.name === "AbortError" ? "" : url;
  }
});
// Browsers without the attribute `command`: opens and closes dialogs until the page's code does.
addEventListener("click", event => {
  const button = event.target.closest?.("[commandfor]");
  if (!button || "command" in button || "ready" in document.documentElement.dataset) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "close") dialog.close();
  else dialog.showModal();
});
// A profile's page cannot show other pages. After a reload, "back" may lead to a history entry of the home page.
addEventListener("popstate", () => {
  if (html.dataset.profile && location.pathname !== here) location.reload();
});

// Returns whether the page has anything for its code to do.
const needsCode = async () => {
  if (!document.getElementById("app")) return false;
  if (!html.dataset.profile) return true;
  const settings = await fetch("/config.json").then(response => response.json()).catch(() => null);
  return SERVICES.some(key => typeof settings?.[key] === "string");
};

// Hydration needs the elements that were served, but ignores the <font> elements of translators.
const isWhole = () => {
  const app = document.getElementById("app");
  return !app.dataset.elements || app.querySelectorAll(":not(font)").length === Number(app.dataset.elements);
};

// Restores the content that was served and keeps selections.
const restore = async () => {
  const response = await fetch(location.href);
  const served = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("app");
  const app = document.getElementById("app");
  const chosen = [...app.querySelectorAll("input:checked")];
  const open = [...app.querySelectorAll("dialog[open]")];
  app.replaceWith(served);
  for (const { name, value } of chosen) {
    const radio = [...served.querySelectorAll("input")].find(it => it.name === name && it.value === value);
    if (radio) radio.checked = true;
  }
  for (const { id } of open) document.getElementById(id)?.showModal();
};

const startCode = async () => {
  const late = setTimeout(showError, SLOW_MS, true);
  try {
    const [{ default: start }, module] = await Promise.all([import(glue), WebAssembly.compileStreaming(fetch(wasm))]);
    // Extensions and proxies change pages.
    if (!isWhole()) await restore();
    if (!isWhole()) throw new Error("something changes the page while it loads");
    await start({ module_or_path: module });
    showError(false);
  } catch (error) {
    console.warn("the page's code does not start:", error);
    showError(true);
  }
  clearTimeout(late);
};

if (await needsCode()) await startCode();
else html.dataset.ready = "";
