\set t random(1, {{.Leaves}})
\set s random(0, 1)
\set f random(0, 1095)
select json_build_object('regionApplications', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
    'id', a.id, 'number', a.data->'number', 'date', a.data->'date', 'state', a.state,
    'kind', json_build_object('title', (select c.title from classifier_item c where c.classifier = 'RegionSupportKind' and c.code = a.data->>'kind')),
    'circumstances', a.data->'circumstances',
    'applicant', (select json_build_object('id', p.id, 'fullName', p.data->'fullName', 'birthDate', p.data->'birthDate')
      from record p where p.type = 'Person' and p.id = (a.data->>'applicant')::uuid))), '[]') from (
  select id, data, state from record where type = 'RegionApplication' and void is null
    and (data->>'territory') collate "C" = ('{ {{- .Codes -}} }'::text[])[:t::int] and state = ('{granted,refused}'::text[])[:s::int + 1]
    and (data->>'date') collate "C" >= (date '2020-01-01' + :f::int)::text and (data->>'date') collate "C" <= (date '2020-01-01' + :f::int + 365)::text
  order by (data->>'date') collate "C" desc, id desc limit 20) a)));
