// Which file a path means, which paths are the API's, and in which language a visitor meets the site; CloudFront runs it
// before it looks into its cache. The same in Rust, for the local server, is crates/site; its folder cases/ says what both must answer.

// Of a header, cookie or parameter: all its values, in their order.
function values(field) {
  return !field ? [] : (field.multiValue || [field]).map(function (one) { return one.value; });
}

// Whether Korean was chosen in the cookie `lang`, if something was.
function chosen(request) {
  var choices = values(request.cookies.lang).filter(function (value) { return value === 'ko' || value === 'en'; });
  return choices.length ? choices[0] === 'ko' : undefined;
}

// Whether the browser's languages put Korean before English. `*` stands for what is not in the list; of equals, the one
// that is named first is meant.
function prefersKorean(request) {
  var best = {};
  var members = values(request.headers['accept-language']).join(',').split(',').slice(0, 32);
  members.forEach(function (member, place) {
    var found = /^[ \t]*([A-Za-z0-9*-]+)[ \t]*(?:;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/.exec(member);
    if (!found) return;
    var language = found[1].split('-')[0].toLowerCase();
    var weight = found[2] === undefined ? 1 : Number(found[2]);
    if (!best[language] || weight > best[language].weight) best[language] = { weight: weight, place: place };
  });
  var korean = best.ko || best['*'];
  var english = best.en || best['*'];
  if (!korean || korean.weight === 0) return false;
  if (!english) return true;
  return korean.weight > english.weight || (korean.weight === english.weight && korean.place < english.place);
}

// Only the very first page asks: whoever opens another address gets what it names.
function meetsInKorean(request) {
  if (request.uri !== '/' || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  if (request.querystring.lang) return false;
  var choice = chosen(request);
  return choice === undefined ? prefersKorean(request) : choice;
}

// The query as it was asked: CloudFront hands it over in parts.
function query(parameters) {
  var pairs = [];
  Object.keys(parameters).forEach(function (name) {
    values(parameters[name]).forEach(function (value) { pairs.push(value === '' ? name : name + '=' + value); });
  });
  return pairs.length ? '?' + pairs.join('&') : '';
}

// A folder means its index.html, with a slash at its end or without. What has an extension is a file's own name and stays
// as it is: a missing script must be a 404 and not a page.
function file(path) {
  var name = path.slice(path.lastIndexOf('/') + 1);
  if (name === '') return path + 'index.html';
  return name.indexOf('.') < 0 ? path + '/index.html' : path;
}

// A result, such as /r/12345/, is a page of the API, which needs the site's host for the links in it.
function isResult(request) {
  var found = /^(\/ko)?\/r\/([1-8]{5})\/?$/.exec(request.uri);
  if (!found) return false;
  request.uri = '/r/' + found[2];
  request.querystring = found[1] ? { lang: { value: 'ko' } } : {};
  request.headers['x-forwarded-host'] = { value: request.headers.host.value };
  return true;
}

function handler(event) {
  var request = event.request;
  if (isResult(request)) return request;
  if (meetsInKorean(request)) {
    return {
      statusCode: 302,
      statusDescription: 'Found',
      headers: { location: { value: '/ko/' + query(request.querystring) }, 'cache-control': { value: 'no-store' } },
    };
  }
  request.uri = file(request.uri);
  return request;
}
