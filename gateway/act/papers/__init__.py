"""What people read and sign of an act: PDF on A4 in Russian and Kazakh, and XLSX. Both are made of the act alone.

The packages behind them are the extra `reports`; without it everything else about an act works.

Read in this order:

- `missing`   what is said where the extra is not installed
- `words`     months, days, sums, kinds of items, as both languages write them
- `pdf`       the act, and the protocol of differences; `templates/` hold their layout
- `xlsx`      the act as a workbook
"""
