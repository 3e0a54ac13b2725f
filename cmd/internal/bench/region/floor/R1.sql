\set n random(0, {{.Persons}} - 1)
\set ms {{.Start}} + :n * {{.Step}}
select json_build_object('person', (select json_build_object(
  'id', p.id, 'fullName', p.data->'fullName', 'birthDate', p.data->'birthDate', 'snils', p.data->'snils',
  'territory', (select json_build_object('code', c.code, 'title', c.title) from classifier_item c
    where c.classifier = 'Territory' and c.code = p.data->>'territory'),
  'identityDocuments', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
      'type', json_build_object('title', (select c.title from classifier_item c where c.classifier = 'IdentityDocumentType' and c.code = d.data->>'type')),
      'series', d.data->'series', 'number', d.data->'number', 'issuedOn', d.data->'issuedOn', 'issuedBy', d.data->'issuedBy',
      'valid', d.data->'valid')), '[]') from (
    select data from record where type = 'IdentityDocument' and (data->>'person')::uuid = p.id and void is null order by id limit 10) d)),
  'registrations', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
      'region', d.data->'region', 'address', d.data->'address', 'from', d.data->'from', 'to', d.data->'to')), '[]') from (
    select data from record where type = 'Registration' and (data->>'person')::uuid = p.id and void is null order by id limit 5) d)),
  'pensions', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
      'type', json_build_object('title', (select c.title from classifier_item c where c.classifier = 'PensionType' and c.code = d.data->>'type')),
      'from', d.data->'from', 'amount', d.data->'amount')), '[]') from (
    select data from record where type = 'Pension' and (data->>'person')::uuid = p.id and void is null order by id limit 5) d)),
  'disabilities', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
      'group', json_build_object('title', (select c.title from classifier_item c where c.classifier = 'DisabilityGroup' and c.code = d.data->>'group')),
      'from', d.data->'from', 'diagnosis', d.data->'diagnosis')), '[]') from (
    select data from record where type = 'Disability' and (data->>'person')::uuid = p.id and void is null order by id limit 3) d)),
  'regionApplications', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
      'id', a.id, 'number', a.data->'number', 'date', a.data->'date', 'state', a.state,
      'kind', json_build_object('title', (select c.title from classifier_item c where c.classifier = 'RegionSupportKind' and c.code = a.data->>'kind')),
      'income', null, 'circumstances', a.data->'circumstances')), '[]') from (
    select id, data, state from record where type = 'RegionApplication' and (data->>'applicant')::uuid = p.id and void is null
    order by (data->>'date') collate "C" desc, id desc limit 10) a)),
  'awards', (select coalesce(json_agg(json_build_object(
      'id', w.id, 'measure', w.measure, 'from', w.date_from, 'to', w.date_to, 'amount', round(w.amount::numeric / 100, 2)::text, 'status', w.status,
      'accruals', (select coalesce(json_agg(json_build_object('from', x.date_from, 'to', x.date_to,
          'amount', round(x.amount::numeric / 100, 2)::text, 'due', x.due)), '[]') from (
        select date_from, date_to, amount, due from accrual where award = w.id order by date_from, id limit 12) x))), '[]') from (
    select id, measure, date_from, date_to, amount, status from award where beneficiary = p.id order by date_from desc, id desc limit 10) w)
) from (select id, data from record where type = 'Person' and id >= (lpad(to_hex(:ms::bigint), 12, '0') || '00000000000000000000')::uuid
  order by id limit 1) p));
