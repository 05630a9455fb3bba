// state: the database as it was after loading, kept beside it, so that each exchange meets a fresh world. Tables that an exchange
// changed are known by the numbers of the transactions that wrote their rows, and only they are written back.
import { deedsOf, differenceQuery, entities, jobsOf, jobsQuery, tableOf } from './neutral.mjs';
import { parse } from './json.mjs';
import { quote } from './psql.mjs';

const SAVED = 'golden_saved';
const name = (text) => `"${text.replace(/"/g, '""')}"`;

export class State {
  constructor(psql) {
    this.psql = psql;
  }

  // Keeps a copy of every table and sequence; one that a killed run left is thrown away.
  async save() {
    await this.drop();
    const tables = await this.psql.ask(`select json_build_array(c.relname, (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''))
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by c.relname`);
    this.tables = new Map(tables.map((line) => parse(line)));
    this.sequences = (await this.psql.ask(`select json_build_array(sequencename, start_value, last_value) from pg_sequences where schemaname = 'public'`))
      .map((line) => parse(line));
    await this.psql.ask(`begin; create schema ${SAVED}; ${[...this.tables.keys()]
      .map((table) => `create table ${SAVED}.${name(table)} as table public.${name(table)}`).join('; ')}; commit`);
    const marks = [...this.tables.keys()].map((table) =>
      `select ${quote(table)} as t, count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) as mark from public.${name(table)}`);
    this.markQuery = `select json_object_agg(t, mark) from (${marks.join(' union all ')}) m`;
    this.marks = await this.#look();
  }

  async #look() {
    return parse((await this.psql.ask(this.markQuery))[0]);
  }

  // What was stored since, in the neutral form, and which tables were touched at all.
  async changes() {
    const now = await this.#look();
    const touched = [...now].filter(([table, mark]) => mark !== this.marks.get(table)).map(([table]) => table);
    const changes = new Map();
    for (const entity of entities) {
      if (!touched.includes(tableOf(entity))) continue;
      const deeds = deedsOf(entity, await this.psql.ask(differenceQuery(entity, SAVED, 'public')));
      if (deeds && ![...deeds.values()].flat().every((one) => one instanceof Map && one.has('set') && !one.get('set').size)) changes.set(entity, deeds);
    }
    const jobs = touched.includes('job') ? jobsOf(await this.psql.ask(jobsQuery(SAVED))) : [];
    return { touched, changes, jobs };
  }

  // As saved. Triggers and foreign keys stand aside: the rows were right when they were saved.
  async restore(touched) {
    if (!touched.length) return;
    const back = touched.map((table) => `delete from public.${name(table)}; insert into public.${name(table)} (${this.tables.get(table)})
      overriding system value select ${this.tables.get(table)} from ${SAVED}.${name(table)}`);
    const counters = this.sequences.map(([sequence, first, last]) =>
      `setval('public.${name(sequence)}', ${(last ?? first).text}, ${last !== null})`);
    await this.psql.ask(`begin; set local session_replication_role = replica; ${back.join('; ')};
      do $$ begin perform ${counters.join(', ')}; end $$; commit`);
    this.marks = await this.#look();
  }

  drop() {
    return this.psql.ask(`drop schema if exists ${SAVED} cascade`);
  }
}
