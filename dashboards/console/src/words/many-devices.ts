// Messages of what is done to many loggers at once: registered from a file, retired together.
import { catalogue, writerOf } from '../words.ts'

export const manyDevices = catalogue({
  en: {
    import: 'Import loggers',
    'import.text':
      'A CSV file with a row for each logger; only id is required. Nothing is registered before you have seen the result of the check.',
    'import.file': 'CSV file',
    'import.rows': 'Or paste its rows',
    'import.template': 'Template',
    'import.look': 'Check',
    'import.do': { one: 'Register {count} logger', other: 'Register {count} loggers' },
    'import.none': 'There is no row below the column names.',
    'import.fine': {
      one: '{count} logger found, nothing wrong. Not registered yet.',
      other: '{count} loggers found, nothing wrong. Not registered yet.',
    },
    'import.found': 'Loggers of the file',
    'import.wrong': {
      one: '{count} thing is wrong. None was registered: correct it and check again.',
      other: '{count} things are wrong. None was registered: correct them and check again.',
    },
    'import.wrongLines': 'What is wrong, by line',
    'import.line': 'Line',
    'import.row': 'Row',
    'import.what': 'What is wrong',
    'import.value': 'This cannot stand here.',
    'import.column': 'The columns are not those of the template.',
    'import.done': { one: '{count} logger registered.', other: '{count} loggers registered.' },
    'import.tokens':
      'Their tokens have been saved as a file. This is the only time: once this window is closed, nobody can read them again.',
    'import.saveAgain': 'Save tokens again',
    'retire.some': 'Select',
    'import.open': 'Import',
    'retire.choose': 'Select {device}',
    'retire.chosen': { one: '{count} logger selected', other: '{count} loggers selected' },
    'retire.all': 'All shown',
    'retire.none': 'None',
    'retire.text':
      'Their tokens are dead at once. What they sent stays, and so do alerts and passports. All are retired, or none.',
    'retire.force': 'Also those on a container, which nobody watches then',
    'retire.done': { one: '{count} logger retired.', other: '{count} loggers retired.' },
  },
  de: {
    import: 'Logger importieren',
    'import.text':
      'Eine CSV-Datei mit einer Zeile je Logger; nur id ist nötig. Registriert wird erst, wenn Sie gesehen haben, was gefunden wurde.',
    'import.file': 'CSV-Datei',
    'import.rows': 'Oder die Zeilen einfügen',
    'import.template': 'Vorlage',
    'import.look': 'Prüfen',
    'import.do': { one: '{count} Logger registrieren', other: '{count} Logger registrieren' },
    'import.none': 'Unter den Spaltennamen steht keine Zeile.',
    'import.fine': {
      one: '{count} Logger gefunden, nichts zu beanstanden. Noch nicht registriert.',
      other: '{count} Logger gefunden, nichts zu beanstanden. Noch nicht registriert.',
    },
    'import.found': 'Logger der Datei',
    'import.wrong': {
      one: '{count} Fehler. Keiner wurde registriert: berichtigen und noch einmal prüfen.',
      other: '{count} Fehler. Keiner wurde registriert: berichtigen und noch einmal prüfen.',
    },
    'import.wrongLines': 'Fehler nach Zeilen',
    'import.line': 'Zeile',
    'import.row': 'Inhalt',
    'import.what': 'Fehler',
    'import.value': 'Das kann hier nicht stehen.',
    'import.column': 'Die Spalten sind nicht die der Vorlage.',
    'import.done': { one: '{count} Logger registriert.', other: '{count} Logger registriert.' },
    'import.tokens':
      'Die Token sind als Datei gespeichert. Es gibt sie nur dieses eine Mal: Nach dem Schließen kann sie niemand mehr lesen.',
    'import.saveAgain': 'Token noch einmal speichern',
    'retire.some': 'Auswählen',
    'import.open': 'Importieren',
    'retire.choose': '{device} auswählen',
    'retire.chosen': { one: '{count} Logger ausgewählt', other: '{count} Logger ausgewählt' },
    'retire.all': 'Alle gezeigten',
    'retire.none': 'Keinen',
    'retire.text':
      'Ihre Token gelten sofort nicht mehr. Was sie gesendet haben, bleibt, ebenso Alarme und Pässe. Alle werden außer Dienst gestellt oder keiner.',
    'retire.force': 'Auch die an einem Behälter, den dann niemand beobachtet',
    'retire.done': {
      one: '{count} Logger außer Dienst gestellt.',
      other: '{count} Logger außer Dienst gestellt.',
    },
  },
  fr: {
    import: 'Importer des enregistreurs',
    'import.text':
      'Un fichier CSV avec une ligne par enregistreur ; seul id est obligatoire. Rien n’est déclaré avant que vous ayez vu ce qui a été trouvé.',
    'import.file': 'Fichier CSV',
    'import.rows': 'Ou collez ses lignes',
    'import.template': 'Modèle',
    'import.look': 'Vérifier',
    'import.do': {
      one: 'Déclarer {count} enregistreur',
      other: 'Déclarer {count} enregistreurs',
    },
    'import.none': 'Aucune ligne sous les noms des colonnes.',
    'import.fine': {
      one: '{count} enregistreur trouvé, rien à redire. Pas encore déclaré.',
      other: '{count} enregistreurs trouvés, rien à redire. Pas encore déclarés.',
    },
    'import.found': 'Enregistreurs du fichier',
    'import.wrong': {
      one: '{count} erreur. Aucun n’a été déclaré : corrigez-la, puis vérifiez à nouveau.',
      other: '{count} erreurs. Aucun n’a été déclaré : corrigez-les, puis vérifiez à nouveau.',
    },
    'import.wrongLines': 'Erreurs, ligne par ligne',
    'import.line': 'Ligne',
    'import.row': 'Contenu',
    'import.what': 'Erreur',
    'import.value': 'Cette valeur n’est pas admise ici.',
    'import.column': 'Les colonnes ne sont pas celles du modèle.',
    'import.done': {
      one: '{count} enregistreur déclaré.',
      other: '{count} enregistreurs déclarés.',
    },
    'import.tokens':
      'Leurs jetons sont enregistrés dans un fichier. Ils ne sont donnés que cette fois : une fois cette fenêtre fermée, plus personne ne peut les lire.',
    'import.saveAgain': 'Enregistrer à nouveau les jetons',
    'retire.some': 'Sélectionner',
    'import.open': 'Importer',
    'retire.choose': 'Sélectionner {device}',
    'retire.chosen': {
      one: '{count} enregistreur sélectionné',
      other: '{count} enregistreurs sélectionnés',
    },
    'retire.all': 'Tous ceux affichés',
    'retire.none': 'Aucun',
    'retire.text':
      'Leurs jetons ne sont plus valables dès maintenant. Ce qu’ils ont envoyé reste, ainsi que les alertes et les passeports. Tous sont mis hors service, ou aucun.',
    'retire.force': 'Même ceux sur un contenant, que personne ne surveille alors',
    'retire.done': {
      one: '{count} enregistreur mis hors service.',
      other: '{count} enregistreurs mis hors service.',
    },
  },
  es: {
    import: 'Importar registradores',
    'import.text':
      'Un archivo CSV con una fila por registrador; solo id es obligatorio. Nada se da de alta hasta que haya visto lo que se encontró.',
    'import.file': 'Archivo CSV',
    'import.rows': 'O pegue sus filas',
    'import.template': 'Plantilla',
    'import.look': 'Comprobar',
    'import.do': {
      one: 'Dar de alta {count} registrador',
      other: 'Dar de alta {count} registradores',
    },
    'import.none': 'No hay ninguna fila bajo los nombres de las columnas.',
    'import.fine': {
      one: '{count} registrador encontrado, sin errores. Aún no dado de alta.',
      other: '{count} registradores encontrados, sin errores. Aún no dados de alta.',
    },
    'import.found': 'Registradores del archivo',
    'import.wrong': {
      one: '{count} error. No se dio de alta ninguno: corríjalo y compruebe de nuevo.',
      other: '{count} errores. No se dio de alta ninguno: corríjalos y compruebe de nuevo.',
    },
    'import.wrongLines': 'Errores por línea',
    'import.line': 'Línea',
    'import.row': 'Contenido',
    'import.what': 'Error',
    'import.value': 'Este valor no se admite aquí.',
    'import.column': 'Las columnas no son las de la plantilla.',
    'import.done': {
      one: '{count} registrador dado de alta.',
      other: '{count} registradores dados de alta.',
    },
    'import.tokens':
      'Sus tokens se guardaron en un archivo. Solo se muestran esta vez: al cerrar esta ventana nadie podrá volver a leerlos.',
    'import.saveAgain': 'Guardar los tokens de nuevo',
    'retire.some': 'Seleccionar',
    'import.open': 'Importar',
    'retire.choose': 'Seleccionar {device}',
    'retire.chosen': {
      one: '{count} registrador seleccionado',
      other: '{count} registradores seleccionados',
    },
    'retire.all': 'Todos los mostrados',
    'retire.none': 'Ninguno',
    'retire.text':
      'Sus tokens dejan de valer al momento. Lo que enviaron queda, y también alertas y pasaportes. Se retiran todos o ninguno.',
    'retire.force': 'También los de un contenedor, que entonces nadie vigila',
    'retire.done': {
      one: '{count} registrador retirado del servicio.',
      other: '{count} registradores retirados del servicio.',
    },
  },
})

export const write = writerOf(manyDevices)
