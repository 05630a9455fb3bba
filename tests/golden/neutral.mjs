// neutral: our tables in the words of the neutral form (world.json, and `changes` and `jobs` of exchanges). The only module that
// knows our database. Columns of ours that the neutral form has not are left out, and so is what we merely keep ready:
// account.identicon (computed again from the uuid at any time) and response.ruling (the newest consent ruling).
import { Numeral, parse } from './json.mjs';

const plain = (columns) => columns.split(' ').map((name) => [name, `r.${name}`]);
const link = (name, column, table) => [name, `(select x.uuid from SCHEMA.${table} x where x.id = r.${column})`];
const rest = (table) => [['pk', 'r.id'], ['uuid', 'r.uuid'], ...table];

// entity → table and columns: name, and expression over the row r; SCHEMA is where the row lies.
const ENTITIES = {
  users: ['account', rest(plain('username given_name middle_name family_name nickname is_active is_staff is_superuser is_researcher '
    + 'email_next_session email_new_studies email_study_updates email_response_questions former_lookit_id linked_former_lookit_ids date_created'))],
  demographics: ['demographic', rest([link('user', 'account', 'account'), link('previous', 'previous', 'demographic'),
    ...plain('created_at number_of_children child_birthdays number_of_guardians guardians_explanation us_race_ethnicity_identification '
      + 'us_race_ethnicity_identification_describe age gender gender_self_describe education_level annual_income former_lookit_annual_income '
      + 'lookit_referrer additional_comments country state density extra')])],
  children: ['child', rest([link('user', 'account', 'account'), ...plain('given_name birthday gender gender_self_describe '
    + 'gestational_age_at_birth additional_information deleted former_lookit_profile_id'),
    ['existing_conditions', 'condition_codes(r.existing_conditions)'], ['languages_spoken', 'language_codes(r.languages_spoken)']])],
  labs: ['lab', rest(plain('name slug institution principal_investigator_name contact_email contact_phone lab_website description '
    + 'irb_contact_info approved_to_test'))],
  studies: ['study', rest([link('lab', 'lab', 'lab'), link('creator', 'creator', 'account'),
    ...plain('salt hash_digits name date_modified status_change_date priority preview_summary short_description purpose criteria duration '
      + 'contact_info compensation_description criteria_expression image exit_url comments comments_extra study_type structure use_generator '
      + 'generator display_full_screen state public shared_preview metadata built is_building'),
    ['min_age', 'array[r.min_age_years, r.min_age_months, r.min_age_days]'], ['max_age', 'array[r.max_age_years, r.max_age_months, r.max_age_days]']])],
  responses: ['response', rest([link('study', 'study', 'study'), link('child', 'child', 'child'),
    link('demographic_snapshot', 'demographic_snapshot', 'demographic'),
    ...plain('study_type completed completed_consent_frame survey_consent exp_data conditions global_event_timings sequence is_preview '
      + 'recording_method eligibility date_created date_modified researcher_payment_status researcher_session_status researcher_star')])],
  consent_rulings: ['consent_ruling', rest([link('response', 'response', 'response'), link('arbiter', 'arbiter', 'account'),
    ...plain('action created_at comments')])],
  feedback: ['feedback', rest([link('response', 'response', 'response'), link('researcher', 'researcher', 'account'), ...plain('comment')])],
  videos: ['video', rest([link('study', 'study', 'study'), link('response', 'response', 'response'),
    ...plain('created_at s3_timestamp pipe_name pipe_numeric_id frame_id full_name is_consent_footage')])],
};

const LINKED = { user: 'users', previous: 'demographics', lab: 'labs', creator: 'users', study: 'studies', child: 'children',
  demographic_snapshot: 'demographics', response: 'responses', arbiter: 'users', researcher: 'users' };
const KEPT_READY = { users: ['identicon'] };
const TIMES = ['date_created', 'date_modified', 'created_at', 's3_timestamp', 'status_change_date'];
const LISTS_OF_CODES = ['existing_conditions', 'languages_spoken'];

export const entities = Object.keys(ENTITIES);
export const tableOf = (entity) => ENTITIES[entity][0];

// A query of one column: each row as a JSON object, of the table in schema.
export function rowsQuery(entity, schema) {
  const [table, columns] = ENTITIES[entity];
  // In two parts, for a function takes at most a hundred arguments.
  const object = (some) => `json_build_object(${some.map(([name, sql]) => `'${name}', ${sql.replaceAll('SCHEMA', schema)}`).join(', ')})`;
  return `select r.uuid, ${object(columns)}::text as row from ${schema}.${table} r`;
}

// What differs between two schemas: op, row before, row after, each one line of JSON.
export const differenceQuery = (entity, before, after) => `select json_build_array(a.row, b.row) from (${rowsQuery(entity, before)}) a
  full join (${rowsQuery(entity, after)}) b using (uuid) where a.row is distinct from b.row`;

// One moment has many spellings; here all have six digits and Z.
const moment = (text) => {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|\+00:00)$/.exec(text);
  return found ? `${found[1]}T${found[2]}.${(found[3] ?? '').padEnd(6, '0')}Z` : text;
};

function row(entity, columns) {
  const kept = [...columns].filter(([name]) => !KEPT_READY[entity]?.includes(name));
  return new Map(kept.map(([name, value]) => [name, TIMES.includes(name) && typeof value === 'string' ? moment(value) : value]));
}

// The `changes` of an exchange, spelled as changesOf() spells ours. Places within the lists stay, for pointers name them.
export function normal(changes) {
  const out = new Map();
  for (const [entity, deeds] of changes) {
    const kept = new Map();
    for (const [deed, rows] of deeds) {
      const spelled = rows.map((one) => (deed === 'inserted' ? row(entity, one) : deed === 'updated'
        ? new Map([...one, ['set', row(entity, one.get('set'))]]) : one));
      if (!spelled.every((one) => deed === 'updated' && !one.get('set').size)) kept.set(deed, spelled);
    }
    if (kept.size) out.set(entity, kept);
  }
  return out;
}

// lines: of differenceQuery. Gives the entity's deeds, or undefined when nothing that counts changed.
export function deedsOf(entity, lines) {
  const deeds = new Map();
  const add = (deed, what) => deeds.set(deed, [...(deeds.get(deed) ?? []), what]);
  for (const line of lines) {
    const [before, after] = parse(line).map((text) => text && row(entity, parse(text)));
    if (!before) add('inserted', after);
    else if (!after) add('deleted', before.get('uuid'));
    else add('updated', new Map([['uuid', after.get('uuid')], ['set', new Map([...after].filter(([name, value]) => !sameText(value, before.get(name))))]]));
  }
  return deeds.size ? deeds : undefined;
}

// Both come from the same database, which spells equal values alike.
const sameText = (a, b) => JSON.stringify(plainly(a)) === JSON.stringify(plainly(b));
const plainly = (value) => (value instanceof Numeral ? [value.text] : Array.isArray(value) ? value.map(plainly)
  : value instanceof Map ? [...value].map(([name, member]) => [name, plainly(member)]) : value);

// ---- jobs ----

// Rows of public.job that were not in the other schema. Only what the reference queues, too: the later erasing of a file.
export const jobsQuery = (before) => `select json_build_object('name', j.payload -> 'name', 'store', j.payload -> 'store',
  'delay_s', round(extract(epoch from j.due_at - j.created_at))) from public.job j
  where j.kind = 'video.erase' and not exists (select from ${before}.job b where b.id = j.id)`;

export function jobsOf(lines) {
  return lines.map((line) => {
    const job = parse(line);
    const store = job.get('store');
    return new Map([['task', 'delete_video_from_cloud'], ['args', [job.get('name'), store === 'pipe', store === 'jspsych']], ['delay_s', job.get('delay_s')]]);
  });
}

// ---- the world ----

// A row of world.json as ours are: links by uuid, lists of codes in the order of their bits. keys: entity → key → uuid.
export function worldRow(entity, given, keys) {
  const columns = ENTITIES[entity][1].map(([name]) => name);
  const out = new Map();
  for (const name of columns) {
    if (!given.has(name)) continue;
    const value = given.get(name);
    out.set(name, LINKED[name] && typeof value === 'string' ? keys[LINKED[name]]?.get(value) ?? value : value);
  }
  return row(entity, out);
}

export const isSet = (name) => LISTS_OF_CODES.includes(name);
