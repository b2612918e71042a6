// The site without a network. Its name and list change with every file of the site, so browsers install each release anew.
//
// Pages come from the network, and from the cache if the network is slow or away. Files that are named after their content come
// from the cache. Settings and services are never cached. A new version waits until no page of the old one is open.
const CACHE = "mysfits-VERSION";
const FILES = ["FILES"];
const TABLE = "/TABLE";
const HASHED = "/assets/";
const SLOW_MS = 3000;
const ANY_VARIANT = { ignoreVary: true };

const install = async () => {
  const cache = await caches.open(CACHE);
  const request = path => new Request(path, { cache: path.startsWith(HASHED) ? "default" : "no-cache" });
  await cache.addAll(FILES.map(request));
  // A site without a recommendation service may have no table.
  await cache.add(TABLE).catch(() => {});
};

const removeOldCaches = async () => {
  const isOld = name => name.startsWith("mysfits-") && name !== CACHE;
  await Promise.all((await caches.keys()).filter(isOld).map(name => caches.delete(name)));
};

// Returns the file of a path, by the rule of the site's hosts.
const fileOf = path => {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!name) return `${path}index.html`;
  return name.includes(".") ? path : `${path}/index.html`;
};

// Returns the language of "/", by the rule of the site's hosts: the visitor's choice, else the browser's.
const language = async () => {
  const chosen = await self.cookieStore?.get("lang").catch(() => null);
  const codes = [chosen?.value, ...navigator.languages.map(tag => tag.split("-")[0])];
  return codes.find(code => code === "en" || code === "ko");
};

// Returns what there is without a network; undefined if there is nothing.
const withoutNetwork = async ({ pathname, search, searchParams }) => {
  const [, korean = "", code] = pathname.match(/^(\/ko)?\/r\/([1-8]{5})\/?$/) ?? [];
  if (code) return Response.redirect(`${korean}/#quiz=${code}`);
  const isChosen = pathname !== "/" || searchParams.has("lang");
  if (!isChosen && await language() === "ko") return Response.redirect(`/ko/${search}`);
  const cache = await caches.open(CACHE);
  return cache.match(fileOf(pathname), ANY_VARIANT);
};

const page = async (request, url) => {
  const network = fetch(request);
  // It is awaited below.
  network.catch(() => {});
  const installed = await withoutNetwork(url);
  if (!installed) return network;
  const late = new Promise((_, reject) => setTimeout(reject, SLOW_MS));
  // A redirect has the status 0 here.
  const response = await Promise.race([network, late]).catch(() => null);
  return response && response.status < 500 ? response : installed;
};

const asset = async (request, path) => {
  const cache = await caches.open(CACHE);
  const installed = await cache.match(path, ANY_VARIANT);
  if (installed) return installed;
  const response = await fetch(request);
  if (response.ok) cache.put(path, response.clone()).catch(() => {});
  return response;
};

const table = async request => {
  const cache = await caches.open(CACHE);
  const response = await fetch(request).catch(() => null);
  if (response?.ok) cache.put(TABLE, response.clone()).catch(() => {});
  return response?.ok ? response : await cache.match(TABLE, ANY_VARIANT) ?? response ?? Response.error();
};

addEventListener("install", event => event.waitUntil(install()));
addEventListener("activate", event => event.waitUntil(removeOldCaches().then(() => clients.claim())));
addEventListener("fetch", event => {
  const { request } = event;
  const url = new URL(request.url);
  const path = url.pathname;
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (path.startsWith(HASHED)) event.respondWith(asset(request, path));
  else if (path === TABLE) event.respondWith(table(request));
  else if (request.mode === "navigate" || FILES.includes(fileOf(path))) event.respondWith(page(request, url));
});
