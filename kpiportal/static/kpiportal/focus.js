// After a refused form, the focus stands on the list of what to mend.
document.querySelector("[data-focus]")?.focus();
