-- in: v text, origin text · out: doc json · rows: one
select json_build_object('data', json_build_object(
    'users', b.base || 'users/', 'studies', b.base || 'studies/', 'demographics', b.base || 'demographics/',
    'children', b.base || 'children/', 'responses', b.base || 'responses/', 'labs', b.base || 'labs/',
    'feedback', b.base || 'feedback/', 'video', b.base || 'video/')) as doc
from (select :origin || '/api/' || :v || '/' as base) b
