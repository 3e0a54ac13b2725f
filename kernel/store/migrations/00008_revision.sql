-- +goose Up
-- How often what servers keep in memory was changed. Each server looks here several times a second. A row stays locked
-- until its change is committed, so that the numbers follow each other as the changes do.
create table revision (
  kind text   primary key,
  n    bigint not null
);
insert into revision values ('actor', 0), ('data', 0), ('release', 0), ('setting', 0);
-- The revision of actors in which this one was changed last.
alter table actor add column revision bigint not null default 0;
create index actor_revision on actor (revision);
-- Packages of the embedded catalog have names without a prefix; another server must know it when it takes a release
-- from here.
alter table package add column core boolean not null default false;
