// send: one request of an exchange, byte for byte, whatever address the service has: the Host is the one of the record.
// What node:http will not send (a header or a path with odd characters) goes over a socket of its own.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

import { write } from './json.mjs';

export const HOST = 'lookit.example.org';
const WAIT_MS = 30_000;
const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export function bodyOf(ask) {
  if (ask.has('body')) return Buffer.from(write(ask.get('body')));
  if (ask.has('body_text')) return Buffer.from(ask.get('body_text'));
  return ask.has('body_hex') ? Buffer.from(ask.get('body_hex'), 'hex') : null;
}

const cookieNames = (lines) => (lines ?? []).map((line) => line.split('=')[0].trim());

function readAnswer(response, resolve, reject) {
  const parts = [];
  response.on('data', (bytes) => parts.push(bytes));
  response.on('error', reject);
  response.on('end', () => resolve({
    status: response.statusCode,
    headers: new Map(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
    cookies: cookieNames(response.headers['set-cookie']),
    body: Buffer.concat(parts),
  }));
}

function sendOverHttp(url, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const out = request({ agent, host: url.hostname, port: url.port, method, path, headers, setHost: false }, (response) => readAnswer(response, resolve, reject));
    out.setTimeout(WAIT_MS, () => out.destroy(new Error(`no answer in ${WAIT_MS / 1000} s`)));
    // A kept connection that the server had just given up: nothing was asked yet.
    out.on('error', (error) => (out.reusedSocket && error.code === 'ECONNRESET' ? resolve(sendRaw(url, method, path, headers, body)) : reject(error)));
    out.end(body ?? undefined);
  });
}

// The answer ends when the connection does. Chunks are not read: a server need not send them to one that says close.
function readRaw(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  const [first, ...lines] = bytes.toString('latin1', 0, end < 0 ? 0 : end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
  if (!status) throw new Error('the connection was closed without an answer');
  const headers = new Map();
  const cookies = [];
  for (const line of lines) {
    const [, name, value] = /^([^:]*):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (!name) continue;
    const key = name.toLowerCase();
    if (key === 'set-cookie') cookies.push(value);
    headers.set(key, headers.has(key) ? `${headers.get(key)}, ${value}` : value);
  }
  return { status, headers, cookies: cookieNames(cookies), body: bytes.subarray(end + 4) };
}

function sendRaw(url, method, path, headers, body) {
  const head = [`${method} ${path} HTTP/1.1`, ...Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`), '', ''];
  return new Promise((resolve, reject) => {
    const parts = [];
    const socket = connect({ host: url.hostname, port: Number(url.port) || 80 }, () => socket.write(Buffer.concat([Buffer.from(head.join('\r\n')), body ?? Buffer.alloc(0)])));
    socket.setTimeout(WAIT_MS, () => socket.destroy(new Error(`no answer in ${WAIT_MS / 1000} s`)));
    socket.on('data', (bytes) => parts.push(bytes));
    socket.on('error', reject);
    socket.on('end', () => {
      try {
        resolve(readRaw(Buffer.concat(parts)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

// ask: the `request` of an exchange. fill(text): placeholders of a header's value replaced.
export function send(url, ask, fill) {
  const [method, path, body] = [ask.get('method'), ask.get('path'), bodyOf(ask)];
  const given = [...(ask.get('headers') ?? [])].map(([name, value]) => [name, fill(value)]);
  const headers = Object.fromEntries([['Host', HOST], ...given]);
  if (body || ['POST', 'PUT', 'PATCH'].includes(method)) headers['Content-Length'] = String(body?.length ?? 0);
  const isPlain = given.every(([name, value]) => TOKEN.test(name) && SENDABLE.test(value)) && /^[\x21-\x7e]+$/.test(path);
  return (isPlain ? sendOverHttp : sendRaw)(url, method, path, headers, body);
}

export const close = () => agent.destroy();
