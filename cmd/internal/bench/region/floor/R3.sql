\set n random(0, {{.Persons}} - 1)
\set ms {{.Start}} + :n * {{.Step}}
\set b random(1, 1000000000)
with p as (
  select id, territory from record where type = 'Person' and id >= (lpad(to_hex(:ms::bigint), 12, '0') || '00000000000000000000')::uuid order by id limit 1
), made as (
  insert into record (type, id, version, root, card, data, territory, author, persons, created_at, created_by, updated_at, updated_by, title,
    state, number, applicant, channel, flow, since, event)
  select 'RegionApplication', gen_random_uuid(), 1, p.id, p.id, jsonb_build_object('applicant', p.id, 'date', current_date, 'kind', 'fuel',
      'basis', 'F-' || :b, 'number', '1', 'channel', 'office', 'territory', p.territory, 'circumstances', 'R3'),
    p.territory, 'floor', array[p.id], now(), 'floor', now(), 'floor', 'R3', 'received', '1', p.id, 'office',
    jsonb_build_object('state', 'received', 'since', now(), 'opened', now(), 'first', jsonb_build_object('received', now()),
      'entered', jsonb_build_object('received', 1)), now(), gen_random_uuid()
  from p returning *
), kept as (
  insert into record_version (type, id, version, root, card, data, territory, author, persons, created_at, created_by, updated_at, updated_by,
    title, state, number, applicant, channel, flow, since, until, event)
  select type, id, version, root, card, data, territory, author, persons, created_at, created_by, updated_at, updated_by,
    title, state, number, applicant, channel, flow, since, since, event from made returning id, root, data, event
)
insert into journal (chain, seq, id, at, actor, kind, action, type, record, root, version, after, hash)
select 1000 + :client_id::int, nextval('bench_journal'), event, now(), 'floor', 'staff', 'create', 'RegionApplication', id, root, 1, data,
  sha256(convert_to(data::text, 'UTF8')) from kept;
