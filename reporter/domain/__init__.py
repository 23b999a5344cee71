"""What every stage may know: periods, Thai, errors, declarations, tables, packaged files."""
