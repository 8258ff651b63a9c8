/** Each entry lifts the store by one version. Never change one that was released; append. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    process_start TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE runs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    incoming TEXT NOT NULL,
    status TEXT NOT NULL,
    worker TEXT,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    resumed INTEGER NOT NULL DEFAULT 0,
    limited INTEGER NOT NULL DEFAULT 0,
    position TEXT,
    cursor TEXT,
    announced_lowest INTEGER,
    announced_highest INTEGER,
    counts TEXT NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    error TEXT
  );
  CREATE INDEX runs_by_incoming ON runs (incoming, seq);

  CREATE TABLE cursors (
    incoming TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    run TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  -- What a task moves stands apart from what is sent, so that a change of state rewrites a short row.
  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    route TEXT NOT NULL,
    type TEXT NOT NULL,
    identifier TEXT NOT NULL,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    run TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    error TEXT,
    lease_worker TEXT,
    lease_token INTEGER NOT NULL DEFAULT 0,
    lease_call TEXT,
    started_at INTEGER,
    on_unknown TEXT
  );
  CREATE INDEX tasks_by_key ON tasks (route, type, identifier, seq);
  CREATE INDEX tasks_due ON tasks (route, due_at, seq) WHERE due_at IS NOT NULL;
  CREATE INDEX tasks_open ON tasks (route, type, identifier, seq)
    WHERE status IN ('new', 'processing', 'retry', 'unknown', 'waiting');
  CREATE INDEX tasks_leased ON tasks (lease_worker) WHERE lease_worker IS NOT NULL;
  CREATE INDEX tasks_by_status ON tasks (route, status);

  CREATE TABLE payloads (
    task INTEGER PRIMARY KEY,
    data TEXT NOT NULL,
    raw TEXT,
    response TEXT
  );

  CREATE TABLE attempts (
    task INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    outcome TEXT NOT NULL,
    error TEXT,
    exchange TEXT,
    PRIMARY KEY (task, number)
  ) WITHOUT ROWID;

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    detail TEXT
  );
  CREATE INDEX events_by_task ON events (task, seq);

  -- The content that a system was last given, written with the successful delivery only.
  CREATE TABLE delivered (
    route TEXT NOT NULL,
    type TEXT NOT NULL,
    identifier TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    task TEXT NOT NULL,
    delivered_at INTEGER NOT NULL,
    PRIMARY KEY (route, type, identifier)
  ) WITHOUT ROWID;

  CREATE TABLE storage (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (name, key)
  ) WITHOUT ROWID;
  `,
  `
  -- The rows of a batch as they were read, one compressed list: kept while a task of it may still fail.
  CREATE TABLE batch_rows (seq INTEGER PRIMARY KEY, rows BLOB NOT NULL);
  ALTER TABLE tasks ADD COLUMN batch_rows INTEGER;
  ALTER TABLE tasks ADD COLUMN row_index INTEGER;
  -- Attempts before the last retry by command: they do not count for the limit.
  ALTER TABLE tasks ADD COLUMN attempts_before INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE tasks ADD COLUMN confirm_by INTEGER;
  ALTER TABLE attempts ADD COLUMN response TEXT;
  CREATE INDEX tasks_to_confirm ON tasks (confirm_by) WHERE confirm_by IS NOT NULL;

  CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    worker TEXT,
    accounted_until INTEGER NOT NULL,
    pending TEXT NOT NULL DEFAULT '[]',
    expected INTEGER NOT NULL DEFAULT 0,
    started INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    missed INTEGER NOT NULL DEFAULT 0,
    last_started INTEGER
  ) WITHOUT ROWID;

  -- What each client sent within its window, over all processes; and until when publishing is known to wait.
  CREATE TABLE client_requests (
    seq INTEGER PRIMARY KEY,
    client TEXT NOT NULL,
    at INTEGER NOT NULL,
    publish INTEGER NOT NULL,
    poll INTEGER NOT NULL
  );
  CREATE INDEX client_requests_by_time ON client_requests (client, at);
  CREATE TABLE client_waits (client TEXT PRIMARY KEY, publish_until INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE notified (rule TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID;
  `,
  `
  -- The order in which the entries of a storage were written last, and how many there are: so that keeping no more than
  -- so many takes no longer the more there are.
  ALTER TABLE storage ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
  UPDATE storage SET written = (SELECT count(*) FROM storage AS other
    WHERE other.name = storage.name AND (other.updated_at, other.key) <= (storage.updated_at, storage.key));
  CREATE INDEX storage_by_age ON storage (name, written);
  CREATE TABLE storage_counts (name TEXT PRIMARY KEY, entries INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO storage_counts SELECT name, count(*) FROM storage GROUP BY name;
  CREATE TRIGGER storage_entry_added AFTER INSERT ON storage BEGIN
    INSERT INTO storage_counts (name, entries) VALUES (new.name, 1)
      ON CONFLICT (name) DO UPDATE SET entries = entries + 1;
  END;
  CREATE TRIGGER storage_entry_removed AFTER DELETE ON storage BEGIN
    UPDATE storage_counts SET entries = entries - 1 WHERE name = old.name;
  END;
  `,
  `
  -- What is being sent stands apart: taking a task writes one short row, and touches no index of the tasks.
  CREATE TABLE leases (
    task INTEGER PRIMARY KEY,
    route TEXT NOT NULL,
    worker TEXT NOT NULL,
    call TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    on_unknown TEXT NOT NULL
  );
  INSERT INTO leases (task, route, worker, call, started_at, on_unknown)
    SELECT seq, route, lease_worker, coalesce(lease_call, id), coalesce(started_at, updated_at), coalesce(on_unknown, 'retry')
    FROM tasks WHERE lease_worker IS NOT NULL;

  CREATE TABLE tasks_3 (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    route TEXT NOT NULL,
    type TEXT NOT NULL,
    identifier TEXT NOT NULL,
    -- Never 'processing': a task is while it has a lease.
    status TEXT NOT NULL,
    open INTEGER NOT NULL CHECK (open = (status IN ('new', 'retry', 'unknown', 'waiting'))),
    stage TEXT NOT NULL,
    run TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    -- Those that ended.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Attempts before the last retry by command: they do not count for the limit.
    attempts_before INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    confirm_by INTEGER,
    -- Counts the leases that ended: the outcome of an earlier one is refused.
    lease_token INTEGER NOT NULL DEFAULT 0,
    batch_rows INTEGER,
    row_index INTEGER,
    error TEXT
  );
  INSERT INTO tasks_3 (seq, id, route, type, identifier, status, open, stage, run, fingerprint, config_hash, attempts,
      attempts_before, due_at, created_at, updated_at, confirm_by, lease_token, batch_rows, row_index, error)
    SELECT seq, id, route, type, identifier, iif(status = 'processing', 'new', status),
      status IN ('new', 'processing', 'retry', 'unknown', 'waiting'), stage, run, fingerprint, config_hash,
      attempts - (status = 'processing'), attempts_before, iif(status = 'processing', updated_at, due_at),
      created_at, updated_at, confirm_by, lease_token, batch_rows, row_index, error
    FROM tasks;
  DROP TABLE tasks;
  ALTER TABLE tasks_3 RENAME TO tasks;

  CREATE INDEX tasks_by_key ON tasks (route, type, identifier, open);
  CREATE INDEX tasks_due ON tasks (route, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX tasks_open ON tasks (route, status) WHERE open = 1;
  CREATE INDEX tasks_ended ON tasks (route, status) WHERE open = 0;
  -- When a task changed after it was made; until then the order of the tasks says it.
  CREATE INDEX tasks_changed ON tasks (route, status, updated_at) WHERE updated_at > created_at;
  CREATE INDEX tasks_to_confirm ON tasks (confirm_by) WHERE confirm_by IS NOT NULL;
  `,
  `
  -- The books of what came to receivers stand beside those of the runs that read.
  ALTER TABLE runs ADD COLUMN receiving INTEGER NOT NULL DEFAULT 0;

  -- Deliveries that were stored: one that comes again within its time is a repeated one.
  CREATE TABLE deliveries (
    incoming TEXT NOT NULL,
    id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (incoming, id)
  ) WITHOUT ROWID;
  CREATE INDEX deliveries_by_age ON deliveries (expires_at);

  -- The newest version of each entity that became a task: an older one that comes later is no news.
  CREATE TABLE versions (
    route TEXT NOT NULL,
    type TEXT NOT NULL,
    identifier TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (route, type, identifier)
  ) WITHOUT ROWID;
  `,
];
