-- What a fresh instance contains: study types, codes of children, the site's administrators' group, two labs. No accounts.

insert into study_type (id, name) values
    (1, 'Lookit/Ember Frame Player (Default experiment builder)'),
    (2, 'External Study (Choose this if you are posting a study link rather using an experiment builder)'),
    (3, 'jsPsych');

insert into condition (bit, code, label) values
    (0, 'autism_spectrum_disorder', 'Autism Spectrum Disorder'),
    (1, 'deaf', 'Deaf'),
    (2, 'hearing_impairment', 'Hard of Hearing'),
    (3, 'dyslexia', 'Dyslexia'),
    (4, 'multiple_birth', 'Multiple Birth (twin, triplet, or higher order)');

insert into language (bit, code, label) values
    (0, 'en', 'English'),
    (1, 'am', 'Amharic'),
    (2, 'bn', 'Bengali'),
    (3, 'bho', 'Bhojpuri'),
    (4, 'my', 'Burmese'),
    (5, 'ceb', 'Cebuano'),
    (6, 'hne', 'Chhattisgarhi'),
    (7, 'nl', 'Dutch'),
    (8, 'egy', 'Egyptian Spoken Arabic'),
    (9, 'fr', 'French'),
    (10, 'gan', 'Gan'),
    (11, 'de', 'German'),
    (12, 'gu', 'Gujarati'),
    (13, 'hak', 'Hakka'),
    (14, 'ha', 'Hausa'),
    (15, 'he', 'Hebrew'),
    (16, 'hi', 'Hindi'),
    (17, 'ig', 'Igbo'),
    (18, 'id', 'Indonesian'),
    (19, 'pes', 'Iranian Persian'),
    (20, 'it', 'Italian'),
    (21, 'ja', 'Japanese'),
    (22, 'jv', 'Javanese'),
    (23, 'cjy', 'Jinyu'),
    (24, 'kn', 'Kannada'),
    (25, 'km', 'Khmer'),
    (26, 'ko', 'Korean'),
    (27, 'mag', 'Magahi'),
    (28, 'mai', 'Maithili'),
    (29, 'ms', 'Malay'),
    (30, 'ml', 'Malayalam'),
    (31, 'cmn', 'Chinese (Mandarin)'),
    (32, 'mr', 'Marathi'),
    (33, 'nan', 'Min Nan'),
    (34, 'mor', 'Moroccan Spoken Arabic'),
    (35, 'pbu', 'Northern Pashto'),
    (36, 'uzn', 'Northern Uzbek'),
    (37, 'or', 'Odia'),
    (38, 'pl', 'Polish'),
    (39, 'pt', 'Portuguese'),
    (40, 'ro', 'Romanian'),
    (41, 'ru', 'Russian'),
    (42, 'skr', 'Saraiki'),
    (43, 'sd', 'Sindhi'),
    (44, 'so', 'Somali'),
    (45, 'es', 'Spanish'),
    (46, 'su', 'Sunda'),
    (47, 'tl', 'Tagalog'),
    (48, 'ta', 'Tamil'),
    (49, 'te', 'Telugu'),
    (50, 'th', 'Thai'),
    (51, 'tr', 'Turkish'),
    (52, 'uk', 'Ukrainian'),
    (53, 'ur', 'Urdu'),
    (54, 'vi', 'Vietnamese'),
    (55, 'lah', 'Western Punjabi'),
    (56, 'wuu', 'Wu'),
    (57, 'hsn', 'Xiang Chinese'),
    (58, 'yo', 'Yoruba'),
    (59, 'yue', 'Chinese (Cantonese)');

with made as (insert into user_group (name) values ('LOOKIT_ADMIN') returning id)
insert into permit (permission, user_group)
select p.id, made.id from made, permission p
where p.name in ('approve', 'change_status', 'approve_lab', 'edit_lab', 'read_lab_researchers', 'manage_lab_researchers');

-- New researchers join both (0007).
insert into lab (name, slug, institution, contact_email) values
    ('Sandbox lab', 'sandbox-lab', 'Lookit', 'lookit+practice@mit.edu'),
    ('Demo lab', 'demo-lab', 'Lookit', 'lookit+demo@mit.edu');
