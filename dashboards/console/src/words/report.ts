// Messages of what saves printed reports and tables.
import { catalogue, writerOf } from '../words.ts'

export const reportWords = catalogue({
  en: {
    save: 'Save report (PDF)',
    making: 'Creating report…',
    file: 'Save as file',
    'file.readings': 'Save readings as file',
    'file.making': 'Creating file…',
    'file.xlsx': 'Workbook (XLSX)',
    'file.xlsx.hint': 'For people: in your language, unit and time zone',
    'file.csv': 'CSV',
    'file.csv.hint': 'For machines: UTC, °C, any number of rows',
    'file.parquet': 'Parquet',
    'file.parquet.hint': 'For analysis: typed columns, UTC, °C',
  },
  de: {
    save: 'Bericht speichern (PDF)',
    making: 'Bericht wird erstellt …',
    file: 'Als Datei speichern',
    'file.readings': 'Messwerte als Datei',
    'file.making': 'Datei wird erstellt …',
    'file.xlsx': 'Arbeitsmappe (XLSX)',
    'file.xlsx.hint': 'Zum Lesen: in Ihrer Sprache, Einheit und Zeitzone',
    'file.csv': 'CSV',
    'file.csv.hint': 'Für Maschinen: UTC, °C, beliebig viele Zeilen',
    'file.parquet': 'Parquet',
    'file.parquet.hint': 'Zum Auswerten: Spalten mit Typ, UTC, °C',
  },
  fr: {
    save: 'Enregistrer le rapport (PDF)',
    making: 'Rapport en cours …',
    file: 'Enregistrer le fichier',
    'file.readings': 'Mesures en fichier',
    'file.making': 'Fichier en cours …',
    'file.xlsx': 'Classeur (XLSX)',
    'file.xlsx.hint': 'À lire : dans votre langue, votre unité et votre fuseau horaire',
    'file.csv': 'CSV',
    'file.csv.hint': 'Pour les machines : UTC, °C, sans limite de lignes',
    'file.parquet': 'Parquet',
    'file.parquet.hint': 'Pour l’analyse : colonnes typées, UTC, °C',
  },
  es: {
    save: 'Guardar informe (PDF)',
    making: 'Se prepara el informe …',
    file: 'Guardar como archivo',
    'file.readings': 'Lecturas como archivo',
    'file.making': 'Se prepara el archivo …',
    'file.xlsx': 'Libro (XLSX)',
    'file.xlsx.hint': 'Para leer: en su idioma, unidad y zona horaria',
    'file.csv': 'CSV',
    'file.csv.hint': 'Para máquinas: UTC, °C, sin límite de filas',
    'file.parquet': 'Parquet',
    'file.parquet.hint': 'Para analizar: columnas con tipo, UTC, °C',
  },
})

export const writeReport = writerOf(reportWords)
