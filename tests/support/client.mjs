// client: a browser without a screen. Cookies, forms with their token, uploads; and the people of the stories.
//
//   const ann = await Client.family(house.url);              // signed up, has told about herself
//   const mo = await ann.child('Mo');                        // uuid
//   const lab = await Client.administrator(house);           // by the link that the first start printed
//   const study = await lab.activeStudy(protocolText);       // {id, uuid}: lab approved, built, approved, active
import { createHash, randomUUID } from 'node:crypto';

import { setCookies } from './cookies.mjs';

const PASSWORD = 'seven tall trees in a quiet row';

export class Client {
  constructor(url) {
    this.url = url;
    this.cookies = new Map();
  }

  headers() {
    return { Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '), Origin: this.url, 'X-CSRFTOKEN': this.cookies.get('csrftoken') ?? '' };
  }

  // One request; redirects are not followed. {status, headers, text, location}
  async ask(path, { method = 'GET', body, headers = {}, signal } = {}) {
    const answer = await fetch(new URL(path, this.url), { method, body, signal, redirect: 'manual', headers: { ...this.headers(), ...headers } });
    for (const line of setCookies(answer.headers)) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    return { status: answer.status, headers: answer.headers, text: await answer.text(), location };
  }

  async json(path, options) {
    const answer = await this.ask(path, options);
    return { ...answer, doc: answer.text ? JSON.parse(answer.text) : null };
  }

  // Opens the form, fills it in, sends it. A field may have several values. With the same op_id it is the same deed.
  async send(path, fields, at = path) {
    if (!this.cookies.has('csrftoken')) await this.ask(at);
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, String(one));
    body.append('csrfmiddlewaretoken', this.cookies.get('csrftoken'));
    if (!body.has('op_id')) body.append('op_id', randomUUID());
    return this.ask(path, { method: 'POST', body });
  }

  // The same, and it must lead on.
  async done(path, fields, at) {
    const answer = await this.send(path, fields, at);
    if (answer.status !== 303 && answer.status !== 302) {
      const why = [...answer.text.matchAll(/class="[^"]*(?:invalid-feedback|field-error|flash|alert)[^"]*"[^>]*>([\s\S]{0,300}?)</g)].map((m) => m[1].trim());
      throw new Error(`POST ${path}: ${answer.status} ${why.join(' | ') || answer.text.slice(0, 2000)}`);
    }
    return answer;
  }

  // ---- families

  static async family(url) {
    const client = new Client(url);
    client.username = `family-${randomUUID()}@example.org`;
    await client.ask('/signup/');
    await client.done('/signup/', { username: client.username, nickname: 'Ann', password1: PASSWORD, password2: PASSWORD });
    await client.done('/account/demographics/', { country: 'US' });
    return client;
  }

  logIn(username = this.username) {
    return this.done('/login/', { username, password: PASSWORD });
  }

  async child(name, { year = new Date().getFullYear() - 2, month = 1, day = 15 } = {}) {
    const before = new Set(await this.children());
    await this.done('/account/add-child/', { given_name: name, birthday_year: year, birthday_month: month, birthday_day: day, gender: 'na', languages_spoken: ['en'] });
    return (await this.children()).find((uuid) => !before.has(uuid));
  }

  async children() {
    return [...(await this.ask('/account/children/')).text.matchAll(/\/account\/children\/([0-9a-f-]{36})\//g)].map((m) => m[1]);
  }

  // ---- labs

  static async administrator(house) {
    const client = new Client(house.url);
    const [link, key] = /\/setup\/\?key=(\S+)/.exec(house.out);
    client.username = `admin-${randomUUID()}@example.org`;
    await client.ask(link);
    await client.done('/setup/', { key, username: client.username, given_name: 'Kim', family_name: 'Sample', password1: PASSWORD, password2: PASSWORD });
    return client;
  }

  async lab(name = `Lab ${randomUUID().slice(0, 8)}`) {
    const fields = {
      name, slug: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), institution: 'Sample University', principal_investigator_name: 'Kim Sample',
      contact_email: `${randomUUID().slice(0, 8)}@uni.example`, contact_phone: '1', description: 'We look at how children look.', irb_contact_info: 'Ethics board',
    };
    const { location } = await this.done('/exp/labs/create/', fields);
    const id = Number(/\/exp\/labs\/(\d+)\//.exec(location)[1]);
    await this.done(`/exp/labs/${id}/edit/`, { ...fields, approved_to_test: 'on' });
    return id;
  }

  studyFields(lab, name) {
    return {
      study_type: 1, name, lab, priority: 50, public: 'on', preview_summary: 'A ball and a box.', short_description: 'Pictures are shown.',
      purpose: 'To see where children look.', exit_url: `${this.url}/studies/history/`, criteria: 'Children of two years', duration: '5 minutes',
      contact_info: 'Kim Sample', min_age_years: 0, min_age_months: 0, min_age_days: 0, max_age_years: 18, max_age_months: 0, max_age_days: 0,
    };
  }

  async study(protocol, { lab, name = 'Where is the ball?' } = {}) {
    const { location } = await this.done('/exp/studies/create/', this.studyFields(lab ?? (await this.lab()), name));
    const id = Number(/\/exp\/studies\/(\d+)\//.exec(location)[1]);
    const uuid = /\/studies\/([0-9a-f-]{36})\//.exec((await this.ask(`/exp/studies/${id}/`)).text)?.[1]
      ?? /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/.exec((await this.ask(`/exp/studies/${id}/`)).text)[1];
    if (protocol) await this.protocol({ id, uuid }, protocol);
    return { id, uuid };
  }

  protocol(study, text) {
    return this.done(`/exp/studies/${study.id}/design/efp/`, { structure: text, generator: '' });
  }

  build(study) {
    return this.done(`/exp/studies/${study.uuid}/build/`, {}, `/exp/studies/${study.id}/`);
  }

  async activeStudy(protocol, options) {
    const study = await this.study(protocol, options);
    await this.build(study);
    for (const trigger of ['submit', 'approve', 'activate'])
      await this.done(`/exp/studies/${study.id}/change-study-status`, { trigger, 'comments-text': '' }, `/exp/studies/${study.id}/`);
    return study;
  }

  // ---- what a player does

  async openSession(study, child, op_id = randomUUID()) {
    const body = { data: { type: 'responses', attributes: { op_id, conditions: {}, global_event_timings: [], exp_data: {}, sequence: [], recording_method: 'recordrtc' },
      relationships: { study: { data: { type: 'studies', id: study } }, child: { data: { type: 'children', id: child } } } } };
    const answer = await this.json('/api/v1/responses/', { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/vnd.api+json', Accept: 'application/vnd.api+json' } });
    if (answer.status !== 201) throw new Error(`POST responses: ${answer.status} ${answer.text}`);
    return answer.doc.data.id;
  }

  saveFrame(response, number, body) {
    return this.json(`/player/v1/responses/${response}/frames/${number}/`, { method: 'PUT', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
  }

  static videoName(study, frame, response, { isConsent = false, random = Math.floor(Math.random() * 1000) } = {}) {
    return `${isConsent ? 'consent-' : ''}videoStream_${study}_${frame}_${response}_${Date.now()}_${random}.webm`;
  }

  beginUpload(response, frame, filename, { isConsent = false } = {}) {
    const meta = Object.entries({ filename, response, frame, is_consent: String(isConsent), filetype: 'video/webm' })
      .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',');
    return this.ask('/uploads/', { method: 'POST', headers: { 'Tus-Resumable': '1.0.0', 'Upload-Defer-Length': '1', 'Upload-Metadata': meta } });
  }

  sendChunk(location, offset, bytes, { length } = {}) {
    const headers = { 'Tus-Resumable': '1.0.0', 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset),
      'Upload-Checksum': `sha256 ${createHash('sha256').update(bytes).digest('base64')}` };
    if (length !== undefined) headers['Upload-Length'] = String(length);
    return this.ask(location, { method: 'PATCH', body: bytes, headers });
  }

  async uploadOffset(location) {
    const answer = await this.ask(location, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
    return { status: answer.status, offset: Number(answer.headers.get('upload-offset')) };
  }
}
