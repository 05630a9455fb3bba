/* The only file that knows IndexedDB. What is not yet confirmed by the server lies here, and where each visit stands.
 *
 * When the browser cannot store (no space left, storage switched off), writes go to memory instead, `isFull` says so, and
 * the work goes on as long as the page lives. Whoever shows things to people must tell them. */

/** The account that was signed in when it was made; families share devices. Absent: not known. */
export type Owner = string | undefined;

/** One saved frame (or change of the response) on its way to the server. */
export interface Item {
    response: string;
    number: number;
    /** names the item across renumbering */
    id: string;
    body: string;
    madeAt: number;
    owner?: Owner;
}

/** The numbered line of items of one response. */
export interface Lane {
    response: string;
    /** number of the next item */
    next: number;
    madeAt: number;
}

/** One recording on its way. Its bytes are in chunks; those below `confirmed` are gone from here. */
export interface Upload {
    name: string;
    response: string;
    frame: string;
    isConsent: boolean;
    type: string;
    madeAt: number;
    owner?: Owner;
    /** recorded so far */
    bytes: number;
    /** index of the next chunk to come, and of the oldest that is still here */
    nextChunk: number;
    firstChunk: number;
    isFinished: boolean;
    /** address at the server, null before creation */
    location: string | null;
    /** bytes that the server has for certain */
    confirmed: number;
}

export interface Chunk {
    name: string;
    index: number;
    offset: number;
    bytes: ArrayBuffer;
}

/** Where one visit stands, so that a reload can go on. The content is session.ts's matter. */
export interface Visit {
    key: string;
    changedAt: number;
    state: unknown;
}

export interface Tables {
    lanes: Lane;
    items: Item;
    uploads: Upload;
    chunks: Chunk;
    visits: Visit;
}
export type Table = keyof Tables;
export type Key = string | (string | number)[];

const KEY_PATHS: { [T in Table]: string | string[] } = {
    lanes: 'response', items: ['response', 'number'], uploads: 'name', chunks: ['name', 'index'], visits: 'key',
};
const TABLES = Object.keys(KEY_PATHS) as Table[];
const VERSION = 1;

/** What the body of an update may do. All of it happens, or nothing. */
export interface Transaction {
    get<T extends Table>(table: T, key: Key): Promise<Tables[T] | undefined>;
    /** rows whose key begins with `first` (all if undefined), in key order, from number `from` on */
    list<T extends Table>(table: T, first?: string, from?: number, limit?: number): Promise<Tables[T][]>;
    put<T extends Table>(table: T, row: Tables[T]): void;
    remove(table: Table, key: Key): void;
}

export class Store {
    #db: IDBDatabase | null;
    #memory = new Map<string, unknown>();
    /** Storage refused a write: from then on some of the work exists in this page only. */
    isFull = false;
    /** updates of memory run one after the other, as transactions do */
    #turn: Promise<unknown> = Promise.resolve();

    private constructor(db: IDBDatabase | null) {
        this.#db = db;
        this.isFull = db === null;
        if (!db) return;
        const lose = (): void => {
            this.#db = null;
            this.isFull = true;
        };
        db.onclose = lose; /* the family cleared the site's data, for example */
        db.onversionchange = () => {
            db.close();
            lose();
        };
    }

    static async open(name = 'lookit', factory: IDBFactory | undefined = globalThis.indexedDB): Promise<Store> {
        try {
            return new Store(factory ? await openDatabase(factory, name) : null);
        } catch (error) {
            console.error('This browser does not store for us; the page must stay open until all is sent.', error);
            return new Store(null);
        }
    }

    /** Memory that would be lost with this page. */
    get bytesInMemory(): number {
        let bytes = 0;
        for (const row of this.#memory.values()) if (isChunk(row)) bytes += row.bytes.byteLength;
        return bytes;
    }

    /** Runs `work` in one transaction over the tables and resolves once it is on disk. `work` must await nothing but the
     * transaction's own calls. If storage refuses, it is run again against memory. */
    async update<R>(tables: Table[], work: (t: Transaction) => Promise<R>): Promise<R> {
        if (this.#db) {
            try {
                return await inDatabase(this.#db, tables, 'readwrite', this.#memory, work);
            } catch (error) {
                if (!isStorageError(error)) throw error;
                if (!this.isFull) console.error('Storage refused a write; keeping it in this page.', error);
                this.isFull = true;
            }
        }
        const turn = this.#turn.then(() => this.#inMemory(work));
        this.#turn = turn.catch(() => undefined);
        return turn;
    }

    async read<R>(tables: Table[], work: (t: Transaction) => Promise<R>): Promise<R> {
        if (!this.#db) return this.#inMemory(work);
        return inDatabase(this.#db, tables, 'readonly', this.#memory, work);
    }

    /* Reads look at memory first and then at the database; writes stay in memory and are applied at the end. */
    async #inMemory<R>(work: (t: Transaction) => Promise<R>): Promise<R> {
        const writes: (() => void)[] = [];
        const db = this.#db;
        const result = await work({
            get: async (table, key) => {
                const held = this.#memory.get(place(table, key));
                if (held !== undefined) return held as never;
                return db ? inDatabase(db, [table], 'readonly', this.#memory, (t) => t.get(table, key)) : undefined;
            },
            list: async (table, first, from, limit) => {
                if (db) return inDatabase(db, [table], 'readonly', this.#memory, (t) => t.list(table, first, from, limit));
                return merged(table, [], this.#memory, first, from, limit) as never;
            },
            put: (table, row) => writes.push(() => this.#memory.set(place(table, keyOf(table, row)), row)),
            remove: (table, key) => writes.push(() => {
                this.#memory.delete(place(table, key));
                /* a row of the database that cannot be deleted now is deleted again by whoever finds it */
                if (db) db.transaction(table, 'readwrite').objectStore(table).delete(key);
            }),
        });
        for (const write of writes) write();
        return result;
    }
}

function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
        const request = factory.open(name, VERSION);
        request.onupgradeneeded = () => {
            for (const table of TABLES)
                if (!request.result.objectStoreNames.contains(table))
                    request.result.createObjectStore(table, { keyPath: KEY_PATHS[table] });
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error('another page holds an older version of our storage'));
    });
}

function inDatabase<R>(
    db: IDBDatabase, tables: Table[], mode: IDBTransactionMode, memory: Map<string, unknown>, work: (t: Transaction) => Promise<R>
): Promise<R> {
    return new Promise((resolve, reject) => {
        const transaction = db.transaction(tables, mode, { durability: 'strict' });
        let result: R;
        let failure: unknown = null;
        transaction.oncomplete = () => resolve(result);
        transaction.onabort = () => reject(failure ?? transaction.error ?? new Error('storage gave up'));
        const forget: string[] = [];
        work({
            get: async (table, key) => (memory.get(place(table, key)) ??
                await answer(transaction.objectStore(table).get(key))) as never,
            list: async (table, first, from, limit) => {
                const range = first === undefined ? null : IDBKeyRange.bound([first, from ?? 0], [first, Infinity]);
                const rows = await answer(transaction.objectStore(table).getAll(range, limit));
                return merged(table, rows, memory, first, from, limit) as never;
            },
            put: (table, row) => {
                transaction.objectStore(table).put(row);
                forget.push(place(table, keyOf(table, row)));
            },
            remove: (table, key) => {
                transaction.objectStore(table).delete(key);
                forget.push(place(table, key));
            },
        }).then((value) => {
            result = value;
            if (mode === 'readwrite') transaction.addEventListener('complete', () => forget.forEach((at) => memory.delete(at)));
        }, (error: unknown) => {
            failure = error;
            try { transaction.abort(); } catch { reject(error); }
        });
    });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

function isChunk(row: unknown): row is Chunk {
    return (row as Partial<Chunk>).bytes instanceof ArrayBuffer;
}

function isStorageError(error: unknown): boolean {
    return error instanceof DOMException || (error instanceof Error && error.name === 'QuotaExceededError');
}

function keyOf(table: Table, row: object): Key {
    const path = KEY_PATHS[table];
    const fields = row as { [field: string]: string | number };
    return typeof path === 'string' ? String(fields[path]) : path.map((field) => fields[field] ?? '');
}

function place(table: Table, key: Key): string {
    return table + JSON.stringify(key);
}

/* Rows of the database with those of memory over them, in key order. */
function merged(table: Table, rows: unknown[], memory: Map<string, unknown>, first?: string, from = 0, limit = Infinity): unknown[] {
    if (memory.size === 0) return rows;
    const all = new Map(rows.map((row) => [place(table, keyOf(table, row as object)), row]));
    for (const [at, row] of memory) {
        if (!at.startsWith(table + '[') && !at.startsWith(table + '"')) continue;
        const key = keyOf(table, row as object);
        if (first !== undefined && (key[0] !== first || Number(key[1]) < from)) continue;
        all.set(at, row);
    }
    const order = (row: unknown): Key => keyOf(table, row as object);
    return [...all.values()].sort((a, b) => compare(order(a), order(b))).slice(0, limit);
}

function compare(a: Key, b: Key): number {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
        const x = a[i] ?? '', y = b[i] ?? '';
        if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
}
