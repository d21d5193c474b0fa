"""Everything that is shown as HTML: tables, cards, the report and parts of widgets, from one set of templates."""
