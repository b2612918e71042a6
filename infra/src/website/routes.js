// Which file a path means; CloudFront runs it before it looks into its cache.
// A folder means its index.html, with or without a slash at its end, as on the local server. What has an extension is
// a file's own name and stays as it is: a missing script must be a 404 and not a page.
function handler(event) {
  var request = event.request;
  var name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (name === '') {
    request.uri += 'index.html';
  } else if (name.indexOf('.') < 0) {
    request.uri += '/index.html';
  }
  return request;
}
