//! Every form in which an operator names an S3 object, and every way it can be wrong (facts about S3: AWS user guide).
