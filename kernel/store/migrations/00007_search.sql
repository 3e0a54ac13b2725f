-- +goose Up
-- By which keys (kernel/search) each live record is found. The index is kept without a list of pending entries: a
-- search would have to read it through.
create table search_record (
  id   uuid primary key,
  type text     not null,
  keys bigint[] not null
);
create index search_record_keys on search_record using gin (keys) with (fastupdate = off);

-- The dictionary of the words of names, and the forms under which a word that is misspelt meets the right one. A word
-- stays when the last record that has it is gone.
create table search_word (
  key   bigint primary key,
  class text collate "C" not null,
  word  text collate "C" not null
);
create index search_word_word on search_word (class, word) include (key);
create table search_form (
  form bigint   not null,
  gap  smallint not null,
  key  bigint   not null,
  primary key (form, gap, key)
);

-- What the index was made for: the searchable properties of each type, and how far a rebuilding has come.
create table search_type (
  type  text primary key,
  made  text not null,
  after uuid
);
