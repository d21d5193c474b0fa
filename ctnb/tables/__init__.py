"""Tables in and out: files, delimited text, workbooks."""
