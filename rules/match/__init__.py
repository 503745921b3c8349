"""Match: which records are of one person. Fellegi-Sunter in match weights, pure: records, model and overrides in, clusters out.

* `model`, `modelfile`  the model: one file that a person can review, and its reading with every refusal it needs
* `kinds`, `guess`      what a column may be, its levels of agreement, and how it is guessed from names and values
* `writing`, `canonical` one way of writing for each kind of value, and the values of records in it
* `prepared`, `pool`, `nicknames`  records as columns of codes over pools of distinct values
* `compare`, `likeness` pairs of records as levels of agreement
* `blocking`            which pairs are looked at: keys as 32-bit hashes, within one set, and against all that are known
* `score`               levels as weights: term frequencies, families, the total
* `train`, `sample`, `rulechoice`, `threshold`  a model learnt from records without labels, or with
* `cluster`             records that belong together: components over the threshold, and what people decided
* `growing`, `sets`     columns that grow, the index of keys, and sets of numbers
* `known`, `edges`, `stream` the same as records come, change and go: equal to the batch whatever came before
* `assign`, `people`, `ids` which person a cluster is: ids that last, their log, and who was whom at a time
"""
