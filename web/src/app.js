// What every page gains where scripts run: parts are exchanged in place, counts kept fresh, keys pressed, drafts kept.
// Without it everything works, by plain links and forms.
import htmx from "htmx.org";

window.htmx = htmx;
