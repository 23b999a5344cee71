"""The workspace: declarations, series, commentary, recipients, waivers, calendar, vintages."""
