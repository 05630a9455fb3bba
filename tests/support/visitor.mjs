// visitor: somebody with a browser, as far as HTTP goes: cookies, form tokens, redirects.
//
//   const ann = new Visitor(house.url);
//   const page = await ann.get('/signup/');                     {status, text, path, location}; follows redirects
//   await ann.post('/signup/', { username: … });                with the form's token; follows to the page after
//   await ann.post(path, fields, { follow: false });            the redirect itself
import { setCookies } from './cookies.mjs';

export class Visitor {
  constructor(url) {
    this.url = url;
    this.cookies = new Map();
  }

  #keep(answer) {
    for (const line of setCookies(answer.headers)) {
      const [pair, ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      const isOver = attributes.some((a) => /^\s*max-age=0$/i.test(a));
      if (isOver) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }

  async send(method, path, { headers = {}, body, follow = true } = {}) {
    for (let hops = 0; hops < 10; hops++) {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(this.url + path, {
        method, body, redirect: 'manual', headers: { ...(cookie && { cookie }), ...(method !== 'GET' && { origin: this.url }), ...headers },
      });
      this.#keep(answer);
      const location = answer.headers.get('location');
      if (!follow || !location || answer.status < 300 || answer.status > 399) {
        const text = await answer.text();
        return { status: answer.status, text, path, location, headers: answer.headers };
      }
      await answer.arrayBuffer();
      const next = new URL(location, this.url + path);
      if (next.origin !== this.url) return { status: answer.status, text: '', path: next.href, location };
      path = next.pathname + next.search;
      method = 'GET';
      body = undefined;
      headers = {};
    }
    throw new Error(`too many redirects: ${path}`);
  }

  get(path, options) {
    return this.send('GET', path, options);
  }

  // Fields may be arrays. The token is the cookie's; a page must have been seen before.
  post(path, fields = {}, options = {}) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: this.cookies.get('csrftoken') ?? '' });
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    return this.send('POST', path, { ...options, body });
  }

  json(method, path, value, options = {}) {
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-csrftoken': this.cookies.get('csrftoken') ?? '' };
    return this.send(method, path, { follow: false, ...options, headers: { ...headers, ...options.headers }, body: JSON.stringify(value) });
  }
}
