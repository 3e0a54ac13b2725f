-- +goose Up
-- The version of a record that holds now is in record alone, with the moment from which it is known and the journal's
-- entry that tells how it came; record_version keeps the versions that are past, and record_known is both. A record is
-- found by its id alone, so that comes first in the key.
alter table record drop constraint record_pkey, add column since timestamptz, add column event uuid;
update record r set since = v.since, event = v.event from record_version v
  where v.type = r.type and v.id = r.id and v.until is null;
-- What contradicts itself stays for mera verify to show: a record without a version, a version that is not the record,
-- a version without a record.
update record set since = updated_at, event = '00000000-0000-0000-0000-000000000000' where since is null;
delete from record_version v using record r where r.type = v.type and r.id = v.id and v.until is null
  and v.version = r.version and v.data = r.data and v.root = r.root
  and v.void is not distinct from r.void and v.state is not distinct from r.state;
update record_version set until = since where until is null;
alter table record alter since set not null, alter event set not null, add primary key (id, type);
alter table record_version alter until set not null;

create view record_known as
  select type, id, version, root, card, data, territory, office, department, author, persons, access, created_at,
    created_by, updated_at, updated_by, void, title, state, final, number, worker, parent, parent_of, applicant, due,
    channel, flow, since, null::timestamptz as until, event
  from record
  union all
  select type, id, version, root, card, data, territory, office, department, author, persons, access, created_at,
    created_by, updated_at, updated_by, void, title, state, final, number, worker, parent, parent_of, applicant, due,
    channel, flow, since, until, event
  from record_version;
