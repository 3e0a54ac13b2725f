-- +goose Up
-- Who read what: a row for each record or list that an operation asked for. Rows are written in batches; the journal
-- has one entry for each batch (action read, in the chain of reads) with how many rows it has and their digest, so no
-- row can be changed, dropped or added later without a trace (mera verify).
create table reading (
  batch     uuid        not null, -- the journal's entry
  n         int         not null,
  at        timestamptz not null,
  actor     text        not null,
  kind      text        not null,
  reason    text        not null default '', -- for which the glass was broken
  type      text        not null,
  record    uuid,                            -- null: a list
  operation bytea       not null,            -- digest of the text of the query
  variables text        not null default '',
  primary key (batch, n)
);
create index reading_record on reading (record, at) where record is not null;
create index reading_actor on reading (actor, at);
-- The texts of queries, each once.
create table operation (
  digest bytea primary key,
  text   text not null
);
create trigger append_only before update or delete or truncate on reading for each statement execute function append_only();
create trigger append_only before update or delete or truncate on operation for each statement execute function append_only();
