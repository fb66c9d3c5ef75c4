"""The book of an agreement's round: cover, contents, summary, pictures, all report cards and the evidence index, joined
into one plain PDF. Its parts are the papers and cards that can also be had one by one."""
