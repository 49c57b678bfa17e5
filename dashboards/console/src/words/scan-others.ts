// The messages of scan.ts in German, French and Spanish. Refuses nothing: scan.ts compares.

export const de = {
  scan: 'Scannen',
  'scan.text':
    'Mit einem Scanner scannen, der wie eine Tastatur schreibt: irgendwo auf dieser Seite, ohne Klick. Oder eingeben, was unter dem Symbol steht.',
  'scan.code': 'Code',
  'scan.look': 'Nachsehen',
  'scan.camera': 'Kamera benutzen',
  'scan.stop': 'Kamera ausschalten',
  'scan.noCamera':
    'Die Kamera lässt sich nicht benutzen. Sie braucht HTTPS und Erlaubnis; ein Scanner oder das Eingabefeld tun dasselbe.',
  'scan.found': 'Was gescannt wurde',
  'scan.genuine': 'Hier als echt bekannt.',
  'scan.unknown': 'Hier nicht bekannt: kein Eintrag besagt, dass diese Einheit hergestellt wurde.',
  'scan.recalled': 'Zurückgerufen: nicht verwenden.',
  'scan.quarantined': 'In Quarantäne: bis zur Freigabe nicht verwenden.',
  'scan.unfit':
    'Hier bekannt, doch nicht zu verwenden: beschädigt, abgelaufen, aus dem Verkehr, oder ihre Ereignisse widersprechen sich. Ihre Seite sagt, was davon.',
  'scan.open': 'Seine Seite öffnen',
  'scan.test': 'Einen Scanner prüfen',
  'scan.testText':
    'Beide Codes scannen, vom Bildschirm oder gedruckt. Was ankommt, wird mit ihrem Inhalt verglichen.',
  'scan.codeA': 'Buchstaben und Zeichen',
  'scan.codeB': 'Trennzeichen (FNC1)',
  'scan.arrived': 'Angekommen: {text}',
  'fault.none': 'Dieser Scanner ist richtig eingestellt.',
  'fault.layout-qwertz':
    'Tastaturbelegung: Rechner und Scanner sind uneins (QWERTZ und QWERTY), y und z sind vertauscht. Beide auf dasselbe Land stellen.',
  'fault.layout-azerty':
    'Tastaturbelegung: Rechner und Scanner sind uneins (AZERTY und QWERTY), a und q, w und z sind vertauscht. Beide auf dasselbe Land stellen.',
  'fault.caps-lock':
    'Feststelltaste: Groß- und Kleinbuchstaben sind vertauscht. Feststelltaste lösen, oder den Scanner sie missachten lassen.',
  'fault.one-case':
    'Groß- und Kleinschreibung geht verloren. Seriennummern unterscheiden a von A: die Umwandlung im Scanner abschalten.',
  'fault.lost-fnc1':
    'FNC1 geht verloren: zwischen den Feldern steht nichts, die Charge läuft in die Seriennummer. Den Scanner GS (ASCII 29) senden lassen.',
  'fault.no-symbology':
    'Kein Symbologiekennzeichen (]d2, ]C1, ]Q3): einschalten, damit GS1-Codes von anderen zu unterscheiden sind.',
  'fault.altered':
    'Es kam etwas anderes an, als der Code enthält. Zeichen wurden verändert oder ausgelassen.',
}

export const fr = {
  scan: 'Scanner',
  'scan.text':
    'Scanner avec un lecteur qui écrit comme un clavier : n’importe où sur cette page, sans clic. Ou saisir ce qui figure sous le symbole.',
  'scan.code': 'Code',
  'scan.look': 'Consulter',
  'scan.camera': 'Utiliser la caméra',
  'scan.stop': 'Arrêter la caméra',
  'scan.noCamera':
    'La caméra est inutilisable. Il faut HTTPS et une autorisation ; un lecteur ou le champ de saisie font de même.',
  'scan.found': 'Ce qui a été scanné',
  'scan.genuine': 'Connu ici comme authentique.',
  'scan.unknown': 'Inconnu ici : aucun enregistrement n’indique que cette unité a été fabriquée.',
  'scan.recalled': 'Rappelé : ne pas utiliser.',
  'scan.quarantined': 'En quarantaine : ne pas utiliser avant sa libération.',
  'scan.unfit':
    'Connu ici, mais impropre à l’usage : endommagé, périmé, retiré, ou ses événements se contredisent. Sa page dit lequel.',
  'scan.open': 'Ouvrir sa page',
  'scan.test': 'Tester un lecteur',
  'scan.testText':
    'Scanner les deux codes, à l’écran ou imprimés. Ce qui arrive est comparé à leur contenu.',
  'scan.codeA': 'Lettres et signes',
  'scan.codeB': 'Séparateurs (FNC1)',
  'scan.arrived': 'Reçu : {text}',
  'fault.none': 'Ce lecteur est bien réglé.',
  'fault.layout-qwertz':
    'Disposition du clavier : ordinateur et lecteur diffèrent (QWERTZ et QWERTY), y et z sont échangés. Régler les deux sur le même pays.',
  'fault.layout-azerty':
    'Disposition du clavier : ordinateur et lecteur diffèrent (AZERTY et QWERTY), a et q, w et z sont échangés. Régler les deux sur le même pays.',
  'fault.caps-lock':
    'Verrouillage majuscule : majuscules et minuscules sont échangées. Le désactiver, ou régler le lecteur pour l’ignorer.',
  'fault.one-case':
    'La casse est perdue. Les numéros de série distinguent a de A : désactiver la conversion du lecteur.',
  'fault.lost-fnc1':
    'FNC1 est perdu : rien ne sépare les champs, et un lot se colle au numéro de série. Régler le lecteur pour émettre GS (ASCII 29).',
  'fault.no-symbology':
    'Pas d’identifiant de symbologie (]d2, ]C1, ]Q3) : l’activer, pour distinguer les codes GS1 des autres.',
  'fault.altered':
    'Il est arrivé autre chose que le contenu du code. Des signes ont été changés ou omis.',
}

export const es = {
  scan: 'Escanear',
  'scan.text':
    'Escanee con un lector que escribe como un teclado: en cualquier lugar de esta página, sin clic. O escriba lo que figura bajo el símbolo.',
  'scan.code': 'Código',
  'scan.look': 'Consultar',
  'scan.camera': 'Usar la cámara',
  'scan.stop': 'Apagar la cámara',
  'scan.noCamera':
    'No se puede usar la cámara. Hace falta HTTPS y permiso; un lector o el campo hacen lo mismo.',
  'scan.found': 'Lo que se escaneó',
  'scan.genuine': 'Conocido aquí como auténtico.',
  'scan.unknown': 'No conocido aquí: ningún registro dice que esta unidad se fabricó.',
  'scan.recalled': 'Retirado: no usar.',
  'scan.quarantined': 'En cuarentena: no usar hasta su liberación.',
  'scan.unfit':
    'Conocido aquí, pero no apto: dañado, caducado, apartado, o sus eventos se contradicen. Su página dice cuál.',
  'scan.open': 'Abrir su página',
  'scan.test': 'Probar un lector',
  'scan.testText':
    'Escanee ambos códigos, en pantalla o impresos. Lo que llega se compara con lo que contienen.',
  'scan.codeA': 'Letras y signos',
  'scan.codeB': 'Separadores (FNC1)',
  'scan.arrived': 'Recibido: {text}',
  'fault.none': 'Este lector está bien configurado.',
  'fault.layout-qwertz':
    'Distribución del teclado: ordenador y lector difieren (QWERTZ y QWERTY), y y z se intercambian. Ponga ambos en el mismo país.',
  'fault.layout-azerty':
    'Distribución del teclado: ordenador y lector difieren (AZERTY y QWERTY), a y q, w y z se intercambian. Ponga ambos en el mismo país.',
  'fault.caps-lock':
    'Bloqueo de mayúsculas: mayúsculas y minúsculas se intercambian. Desactívelo, o haga que el lector lo ignore.',
  'fault.one-case':
    'Se pierden las mayúsculas. Los números de serie distinguen a de A: desactive la conversión del lector.',
  'fault.lost-fnc1':
    'Se pierde FNC1: nada separa los campos y un lote se pega al número de serie. Haga que el lector envíe GS (ASCII 29).',
  'fault.no-symbology':
    'Sin identificador de simbología (]d2, ]C1, ]Q3): actívelo, para distinguir los códigos GS1 de otros.',
  'fault.altered':
    'Llegó otra cosa que lo que contiene el código. Se cambiaron u omitieron signos.',
}
