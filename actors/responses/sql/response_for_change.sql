-- in: viewer bigint, response uuid, child uuid, study uuid, in_study uuid, exp_data jsonb, query text[] · out: id bigint, is_mine bool, refusal text, is_same_child bool, is_same_study bool · rows: maybe
select r.id, response_is_mine(:viewer, r) as is_mine, trials_refusal(s.study_type, r.exp_data, :exp_data) as refusal,
       exists (select from child c where c.id = r.child and c.uuid = :child) as is_same_child, s.uuid = :study as is_same_study
from response r join study s on s.id = r.study
where r.uuid = :response
  and (response_is_mine(:viewer, r)
       or case when :in_study is null then response_is_readable(:viewer, r) else may_see_response(:viewer, r.study, r.id) end)
  and (:in_study is null or s.uuid = :in_study)
  and case when cardinality(:query) = 0 then true
           when :in_study is null
           then response_fits(r, api_filter(api_query(:query, 'child'), 'child'), api_filter(api_query(:query, 'study'), 'study'))
           else is_api_study_response(:viewer, s, r, api_query(:query, 'child'), :query) end
for update of r
