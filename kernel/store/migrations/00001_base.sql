-- +goose Up
-- One table of records, partitioned by type: partitions and the indexes that definitions ask for are made when a
-- package is installed (kernel/store/index.go). Columns beside data are what policies, case lists and links read.
create table record (
  type        text        not null,
  id          uuid        not null,
  version     int         not null,
  root        uuid        not null,
  card        uuid,
  data        jsonb       not null,
  territory   text,
  office      uuid,
  department  text,
  author      text        not null,
  persons     uuid[]      not null default '{}',
  access      jsonb       not null default '{}',
  created_at  timestamptz not null,
  created_by  text        not null,
  updated_at  timestamptz not null,
  updated_by  text        not null,
  void        text,
  title       text        not null default '',
  state       text,
  final       boolean     not null default false,
  number      text,
  worker      text,
  parent      uuid,
  parent_of   text,
  applicant   uuid,
  due         date,
  channel     text,
  flow        jsonb,
  primary key (type, id)
) partition by list (type);
create table record_other partition of record default;
create index record_card on record (card) where card is not null;
create index record_root on record (root);
create index record_parent on record (parent) where parent is not null;
create index record_case on record (office, due) where state is not null and not final;

-- Every version that ever was, the present one too: known from since to until (null: still). Same columns as record,
-- so that a selection with knownAt reads this table instead.
create table record_version (
  like record including defaults,
  since timestamptz not null,
  until timestamptz,
  event uuid        not null,
  primary key (id, type, version) -- id first: a record is also found by its id alone
);
create index record_version_card on record_version (card);

create table record_key (
  system text not null,
  value  text not null,
  type   text not null,
  id     uuid not null,
  primary key (system, value)
);
create index record_key_record on record_key (type, id);

-- A row is locked while a unique rule of a definition is checked; the row itself says nothing.
create table unique_lock (
  rule  text  not null,
  value bytea not null,
  primary key (rule, value)
);

create table counter (
  series text   not null,
  per    text   not null,
  next   bigint not null,
  primary key (series, per)
);

create table attachment (
  id         uuid primary key,
  type       text        not null,
  record     uuid        not null,
  root       uuid        not null,
  slot       text        not null,
  name       text        not null,
  media      text        not null,
  size       bigint      not null,
  sha256     text        not null,
  created_at timestamptz not null,
  created_by text        not null,
  void       text
);
create index attachment_record on attachment (type, record);

create table actor (
  id          text primary key,
  kind        text   not null,
  name        text   not null,
  person      uuid,
  roles       text[] not null default '{}',
  office      uuid,
  department  text,
  territories text[] not null default '{}',
  duties      text[] not null default '{}',
  active      boolean not null default true
);

create table task (
  id         uuid primary key,
  case_type  text        not null,
  case_id    uuid        not null,
  root       uuid        not null,
  work       text        not null,
  state      text        not null,
  title      text        not null,
  role       text,
  party      uuid,
  worker     text,
  not_states text[]      not null default '{}',
  item       text        not null default '',
  form       text,
  choices    text[]      not null default '{}',
  due        timestamptz,
  status     text        not null,
  choice     text,
  done_by    text,
  done_at    timestamptz,
  created_at timestamptz not null,
  territory  text,
  office     uuid,
  persons    uuid[]      not null default '{}',
  author     text        not null
);
create index task_case on task (case_id);
create index task_open on task (office, due) where status = 'open';

-- A case that another case opened as its work and waits for.
create table child (
  parent     uuid not null,
  work       text not null,
  item       text not null default '',
  state      text not null,
  type       text not null,
  id         uuid primary key,
  created_at timestamptz not null
);
create index child_parent on child (parent);

-- A request to an agency. status: planned, sent, answered, none (the agency knows of nothing), unclear, failed, late,
-- cancelled. covers: [{type, how, from, to}] once answered.
create table request (
  id           uuid primary key,
  case_type    text        not null,
  case_id      uuid        not null,
  root         uuid        not null,
  name         text        not null,
  title        text        not null,
  exchange     text        not null,
  flow         text        not null,
  work         text        not null,
  state        text        not null,
  subject_type text        not null,
  subject_id   uuid        not null,
  asked        date        not null,
  item         text        not null default '',
  body         jsonb       not null,
  status       text        not null,
  attempts     int         not null default 0,
  note         text        not null default '',
  covers       jsonb       not null default '[]',
  answer       jsonb,
  created_at   timestamptz not null,
  created_by   text        not null,
  sent_at      timestamptz,
  answered_at  timestamptz,
  due          timestamptz,
  territory    text,
  office       uuid,
  persons      uuid[]      not null default '{}',
  author       text        not null,
  release      text        not null
);
create index request_case on request (case_id);
create index request_answered on request (subject_id, name, answered_at);

-- What came from outside, as it came: stored, then acknowledged, then parsed.
create table message (
  channel     text        not null,
  id          text        not null,
  request     text,
  received_at timestamptz not null,
  raw         bytea       not null,
  status      text        not null,
  note        text        not null default '',
  applied_at  timestamptz,
  primary key (channel, id)
);

create table decision (
  id          uuid primary key,
  case_type   text        not null,
  case_id     uuid        not null,
  root        uuid        not null,
  measure     text        not null,
  beneficiary uuid,
  recipient   uuid,
  result      text        not null,
  number      text,
  date        date        not null,
  asked       date        not null,
  period_from date,
  period_to   date,
  amount      bigint,
  reasons     jsonb       not null default '[]',
  content     jsonb       not null,
  settled     boolean     not null default false,
  release     text        not null,
  known_at    timestamptz not null,
  created_at  timestamptz not null,
  created_by  text        not null,
  territory   text,
  office      uuid,
  persons     uuid[]      not null default '{}',
  author      text        not null
);
create index decision_case on decision (case_id, created_at);

create table award (
  id          uuid primary key,
  version     int         not null default 1,
  case_type   text        not null,
  case_id     uuid        not null,
  decision    uuid        not null unique references decision,
  root        uuid        not null,
  measure     text        not null,
  beneficiary uuid        not null,
  recipient   uuid        not null,
  purpose     text        not null,
  purpose_key text        not null,
  date_from   date        not null,
  date_to     date,
  amount      bigint      not null,
  every       text        not null,
  payout      jsonb,
  status      text        not null,
  ended       text        not null default '',
  created_at  timestamptz not null,
  created_by  text        not null,
  territory   text,
  office      uuid,
  persons     uuid[]      not null default '{}',
  author      text        not null
);
create index award_case on award (case_id);
create index award_beneficiary on award (beneficiary, measure);
create index award_recipient on award (recipient);
create index award_purpose on award (purpose, purpose_key);

-- One award of a purpose: the row is taken and locked by the transaction that grants.
create table purpose_claim (
  purpose text not null,
  key     text not null,
  primary key (purpose, key)
);

create table schedule (
  award     uuid   not null references award,
  date_from date   not null,
  every     text   not null,
  amount    bigint not null,
  primary key (award, date_from)
);

-- Accruals are what a slice of an award owes. Nothing is updated: a recalculation adds a row with the difference and
-- the next seq; the unique key makes a second run of the same slice impossible.
create table accrual (
  id         uuid primary key,
  award      uuid        not null references award,
  root       uuid        not null,
  date_from  date        not null,
  date_to    date        not null,
  seq        int         not null,
  kind       text        not null,
  amount     bigint      not null,
  due        date        not null,
  release    text        not null,
  content    jsonb       not null default '{}',
  created_at timestamptz not null,
  created_by text        not null,
  unique (award, date_from, date_to, seq)
);

-- The double-entry ledger, in kopecks. Every entry's postings sum to zero; rows are only added.
create table entry (
  id         uuid primary key,
  key        text        not null unique,
  kind       text        not null,
  award      uuid,
  at         timestamptz not null,
  date       date        not null,
  actor      text        not null
);
create table posting (
  entry   uuid   not null references entry,
  line    int    not null,
  account text   not null,
  amount  bigint not null check (amount <> 0),
  primary key (entry, line)
);
create index posting_account on posting (account);

create table payment_list (
  id         uuid primary key,
  number     text        not null unique,
  date       date        not null,
  date_from  date        not null,
  date_to    date        not null,
  channel    text        not null default '',
  total      bigint      not null,
  count      int         not null,
  status     text        not null,
  run        text        not null unique,
  created_at timestamptz not null,
  created_by text        not null,
  territory  text,
  office     uuid,
  persons    uuid[]      not null default '{}',
  author     text        not null
);
create table payment (
  id         uuid primary key,
  list       uuid   not null references payment_list,
  award      uuid   not null references award,
  root       uuid   not null,
  recipient  uuid   not null,
  amount     bigint not null,
  payout     jsonb,
  status     text   not null,
  unique (list, award)
);
create index payment_award on payment (award);
create index payment_recipient on payment (recipient);
-- Each accrual is paid once.
create table payment_accrual (
  accrual uuid primary key references accrual,
  payment uuid not null references payment
);
create index payment_accrual_payment on payment_accrual (payment);

create table print (
  id         uuid primary key,
  form       text        not null,
  case_type  text        not null,
  case_id    uuid        not null,
  root       uuid        not null,
  title      text        not null,
  release    text        not null,
  template   text        not null,
  data       jsonb       not null,
  html       text        not null,
  sha256     text        not null,
  key        text        not null unique,
  created_at timestamptz not null,
  created_by text        not null,
  territory  text,
  office     uuid,
  persons    uuid[]      not null default '{}',
  author     text        not null
);
create index print_case on print (case_id);

create table notice (
  id         uuid primary key,
  key        text        not null unique,
  case_type  text        not null,
  case_id    uuid        not null,
  root       uuid        not null,
  party      uuid        not null,
  print      uuid,
  channel    text        not null,
  title      text        not null,
  created_at timestamptz not null
);

-- What must happen to a case at a time: the workers look here, the queue only wakes them.
create table timer (
  id        uuid primary key,
  case_type text        not null,
  case_id   uuid        not null,
  name      text        not null,
  due       timestamptz not null,
  unique (case_id, name)
);
create index timer_due on timer (due);

-- The journal. chain = one of sixteen chains, by root, so that writers of different cards do not wait for each other.
create table journal (
  chain   int         not null,
  seq     bigint      not null,
  id      uuid        not null,
  at      timestamptz not null,
  actor   text        not null,
  kind    text        not null,
  action  text        not null,
  type    text        not null default '',
  record  uuid,
  root    uuid,
  version int         not null default 0,
  release text        not null default '',
  key     text        not null default '',
  before  jsonb,
  after   jsonb,
  note    text        not null default '',
  hash    bytea       not null,
  primary key (chain, seq)
);
create index journal_record on journal (record, at);
create table journal_head (
  chain int primary key,
  seq   bigint not null,
  hash  bytea  not null
);
insert into journal_head select n, 0, '\x00' from generate_series(0, 15) n;
create table checkpoint (
  id        uuid primary key,
  at        timestamptz not null,
  heads     jsonb       not null,
  signature bytea       not null
);

create table answer (
  actor      text        not null,
  key        text        not null,
  hash       bytea       not null,
  answer     jsonb       not null,
  created_at timestamptz not null,
  primary key (actor, key)
);

create table package (
  name        text primary key,
  version     text        not null,
  digest      text        not null,
  title       text        not null,
  status      text        not null,
  faults      jsonb       not null default '[]',
  installed_at timestamptz not null,
  installed_by text       not null
);
create table package_file (
  digest  text  not null,
  path    text  not null,
  content bytea not null,
  primary key (digest, path)
);
create table release (
  digest     text primary key,
  packages   jsonb       not null,
  created_at timestamptz not null,
  current    boolean     not null
);
create unique index release_current on release (current) where current;

-- Dated data whose seed comes with packages and which a region edits.
create table parameter_value (
  name      text        not null,
  date_from date        not null,
  keys      text        not null default '',
  value     jsonb       not null,
  law       jsonb,
  source    text        not null,
  created_at timestamptz not null,
  primary key (name, date_from, keys, source)
);
create table classifier_item (
  classifier text not null,
  code       text not null,
  title      text not null,
  parent     text,
  path       text[] not null,
  date_from  date,
  date_to    date,
  codes      jsonb not null default '{}',
  attributes jsonb not null default '{}',
  source     text  not null,
  primary key (classifier, code)
);
create index classifier_item_path on classifier_item using gin (path);

create table setting (
  name  text primary key,
  value jsonb not null
);
