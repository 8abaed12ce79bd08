"""Makes published.json: every number the study published, as the workbench reads it.

    python Scripts/golden/published.py study_published.json [--out Sources/GraftReproduction/Resources/published.json]

The argument is what make_study_published.py wrote from the report, the slides and the code repository. What can be
computed (accuracies of the matrices, the table without its pooling) is left out; a claim is split into its words, where
they stand and, where there is one, a note. Rows of a matrix are true classes, columns predicted ones, in ascending order
of the half's digits. Every row must add up to its class's test images. Needs the standard library only.
"""
import common
import json
import re

options = common.arguments(__doc__, common.resources + '/published.json', ('study', 'study_published.json'))
with open(options.study, encoding='utf-8') as file:
    study = json.load(file)
computed = {'accuracy_of_matrices', 'unpooled_table'}
kept = ['test_images', 'table', 'table_by_share', 'share_table_note', 'matrices', 'claims']
assert set(study) == computed | set(kept), sorted(set(study) ^ (computed | set(kept)))

digits = {'even': '02468', 'odd': '13579'}
for place, matrices in study['matrices'].items():
    assert set(matrices) == set(study['table'])
    for name, matrix in matrices.items():
        for digit, row in zip(digits[name.split('_')[1]], matrix, strict=True):
            assert len(row) == 5 and sum(row) == study['test_images'][digit], (place, name, digit)

identifiers = {
    'Softmax regression reaches': 'softmax-accuracy',
    'The network reaches 98.52': 'network-even-accuracy',
    'The network reaches "98.34 % precision"': 'network-odd-precision',
    'Transfer reaches': 'transfer-accuracy',
    'The losses converge': 'losses-converge',
    'The network outperforms': 'network-beats-softmax',
    'Transfer learning saves': 'transfer-saves-time',
    'Accuracy by share': 'accuracy-by-share',
}
claims = []
for sentence in study['claims']:
    claim, tail = re.fullmatch(r'(.*\.) \(([^()]*)\)', sentence).groups()
    identifier, = [i for start, i in identifiers.items() if claim.startswith(start)]
    where, _, note = tail.partition('; ')
    claims.append(dict(id=identifier, claim=claim, where=where) | (dict(note=note) if note else {}))
assert len({c['id'] for c in claims}) == len(identifiers) == len(claims)

common.write(options.out, {k: study[k] for k in kept} | dict(claims=claims))
print(f'{len(claims)} claims, ' + ', '.join(f'{len(m)} matrices of the {p}' for p, m in study['matrices'].items()))
