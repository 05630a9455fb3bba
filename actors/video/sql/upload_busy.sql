-- in: response_id bigint · out: n bigint · rows: one
select count(*) as n from upload u where u.response = :response_id and u.state = 'receiving'
