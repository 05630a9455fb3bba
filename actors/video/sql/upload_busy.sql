-- in: response_id bigint · out: n bigint · rows: one
-- rights: upload_find_response has asked; counts only
select count(*) as n from upload u where u.response = :response_id and u.state = 'receiving'
